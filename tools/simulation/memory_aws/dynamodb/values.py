"""Attribute values: as they come in, how they compare, and what numbers become.

https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/HowItWorks.NamingRulesDataTypes.html
"""

from collections.abc import Mapping
from decimal import Context, Decimal, DecimalException, Inexact, localcontext
from typing import Any

from simulation.memory_aws.errors import Refusal, invalid

Value = dict[str, Any]
Item = dict[str, Value]

DIGITS = 38
"""The most significant digits of a number."""

_SETS = {"SS": "S", "NS": "N", "BS": "B"}
_EXACT = Context(prec=DIGITS, traps=[Inexact])


def received_item(item: Mapping[str, Any]) -> Item:
    """Return a copy of an item that comes in, its numbers as DynamoDB keeps them. Raises ``Refusal``."""
    return {name: received(value) for name, value in item.items()}


def received(value: Any) -> Value:
    """Return a copy of a value that comes in. Raises ``Refusal`` for what is none."""
    try:
        ((kind, content),) = value.items()
    except ValueError:
        raise _not_one(value) from None
    if kind == "S":
        if content.__class__ is str:
            return {"S": content}
        if isinstance(content, str):  # a StrEnum goes out as its text
            return {"S": str.__str__(content)}
    elif kind == "N":
        return {"N": number_text(content)}
    elif kind == "M":
        return {"M": received_item(content)}
    elif kind == "L":
        return {"L": [received(each) for each in content]}
    elif kind in _SETS:
        return {kind: _received_set(kind, content)}
    elif kind == "B" and isinstance(content, (bytes, bytearray)):
        return {"B": bytes(content)}
    elif kind in ("BOOL", "NULL") and isinstance(content, bool):
        return {kind: content}
    raise Refusal("SerializationException", f"{content!r} is no value of type {kind}")


def copied(item: Item) -> Item:
    """Return a copy of a stored item, to be changed by whoever gets it."""
    return {name: _copied(value) for name, value in item.items()}


def _copied(value: Value) -> Value:
    ((kind, content),) = value.items()
    if kind == "M":
        return {"M": copied(content)}
    if kind == "L":
        return {"L": [_copied(each) for each in content]}
    return {kind: list(content) if kind in _SETS else content}


def number_text(text: Any) -> str:
    """Return a number as DynamoDB keeps it: without leading or trailing zeros, of 38 significant digits at most."""
    if text.__class__ is str and text.isascii():
        digits = text[1:] if text.startswith("-") else text
        if digits.isdigit() and (digits[0] != "0" or text == "0") and len(digits) <= DIGITS:
            return str(text)
    return _plain(_parsed(text))


def number(text: str) -> int | Decimal:
    """Return what a stored number is worth."""
    try:
        return int(text)
    except ValueError:
        return Decimal(text)


def total(left: str, right: str, sign: int) -> str:
    """Return a sum, or with the sign -1 a difference. Raises ``Refusal`` where it has too many digits."""
    augend, addend = number(left), number(right)
    if isinstance(augend, int) and isinstance(addend, int):
        return number_text(str(augend + sign * addend))
    try:
        with localcontext(_EXACT):
            return _plain(Decimal(augend) + sign * Decimal(addend))
    except DecimalException:
        raise invalid(_TOO_MANY_DIGITS) from None


_TOO_MANY_DIGITS = (
    "Number overflow. Attempting to store a number with magnitude larger than supported range or more than 38 "
    "significant digits"
)


def _parsed(text: Any) -> Decimal:
    try:
        with localcontext(_EXACT):
            parsed = +Decimal(text) if isinstance(text, str) and text.isascii() and "_" not in text else None
    except Inexact:
        raise invalid("Attempting to store more than 38 significant digits in a Number") from None
    except DecimalException:
        parsed = None
    if parsed is None or not parsed.is_finite():
        raise invalid("The parameter cannot be converted to a numeric value" + (f": {text}" if text else ""))
    if parsed and not -130 <= parsed.adjusted() < 126:
        raise invalid(_TOO_MANY_DIGITS)
    return parsed


def _plain(parsed: Decimal) -> str:
    text = format(parsed.normalize(_EXACT), "f")
    return "0" if text == "-0" else text


def _received_set(kind: str, content: Any) -> list[Any]:
    if not content:
        raise invalid("One or more parameter values were invalid: An string set  may not be empty")
    element = _SETS[kind]
    elements = [received({element: each})[element] for each in content]
    if len(set(elements)) < len(elements):
        raise invalid(f"One or more parameter values were invalid: Input collection {elements} contains duplicates.")
    return elements


def _not_one(value: Any) -> Refusal:
    if value:
        return invalid(
            "Supplied AttributeValue has more than one datatypes set, must contain exactly one of the supported "
            "datatypes"
        )
    return invalid("Supplied AttributeValue is empty, must contain exactly one of the supported datatypes")
