"""One filter pattern, compiled: nested keys that must all match, lists of which any entry may.

Operators are those of the table in the developer guide's page invocation-eventfiltering. Where an event holds
an array, any element may match.
"""

import json
import operator
from collections.abc import Callable
from typing import Any

type Matcher = Callable[[Any], bool]

_MISSING = object()
_COMPARISONS: dict[str, Callable[[float, float], bool]] = {
    "=": operator.eq,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


class InvalidPattern(ValueError):
    """The pattern uses something that Lambda's table of operators does not have."""


class _Real(float):
    """A number with a fraction or exponent that remembers how it was written: 300.0 does not equal 300."""

    text: str

    def __new__(cls, text: str) -> "_Real":
        number = super().__new__(cls, text)
        number.text = text
        return number


def parse_json(text: str) -> Any:
    """JSON with numbers that compare by their text; the last of duplicate keys wins."""
    return json.loads(text, parse_float=_Real)


def compile_pattern(pattern: Any) -> Matcher:
    """A predicate over a document; raise InvalidPattern."""
    if not isinstance(pattern, dict):
        raise InvalidPattern("a pattern is an object")
    return _compile_object(pattern)


def _compile_object(pattern: dict[str, Any]) -> Matcher:
    fields = [(key, _compile_field(value)) for key, value in pattern.items() if key != "$or"]
    alternatives = _compile_alternatives(pattern["$or"]) if "$or" in pattern else None

    def matches(document: Any) -> bool:
        if isinstance(document, list):
            return any(matches(element) for element in document)
        found = document if isinstance(document, dict) else {}
        return all(field(found.get(key, _MISSING)) for key, field in fields) and (
            alternatives is None or any(alternative(found) for alternative in alternatives)
        )

    return matches


def _compile_alternatives(patterns: Any) -> list[Matcher]:
    if not isinstance(patterns, list) or len(patterns) < 2:
        raise InvalidPattern("$or takes a list of at least two patterns")
    return [compile_pattern(pattern) for pattern in patterns]


def _compile_field(value: Any) -> Matcher:
    if isinstance(value, dict):
        if not value:
            raise InvalidPattern("an object in a pattern has at least one key")
        return _compile_object(value)
    if not isinstance(value, list) or not value:
        raise InvalidPattern("a pattern's leaves are lists of at least one value")
    leaves = [_compile_leaf(entry) for entry in value]
    return lambda found: any(leaf(found) for leaf in leaves)


def _compile_leaf(entry: Any) -> Matcher:
    if isinstance(entry, list):
        raise InvalidPattern("a list of values holds no lists")
    if not isinstance(entry, dict):
        return _on_leaves(lambda found: _equal(found, entry))
    if len(entry) != 1:
        raise InvalidPattern("an operator stands alone")
    ((name, operand),) = entry.items()
    if name == "exists":
        return _exists(operand)
    if name not in _OPERATORS:
        raise InvalidPattern(f"no such operator: {name}")
    return _on_leaves(_OPERATORS[name](operand))


def _on_leaves(matches: Matcher) -> Matcher:
    """Lift a predicate on scalars: absent keys and objects never match, of an array any element may."""

    def lifted(found: Any) -> bool:
        if found is _MISSING or isinstance(found, dict):
            return False
        if isinstance(found, list):
            return any(lifted(element) for element in found)
        return matches(found)

    return lifted


def _exists(wanted: Any) -> Matcher:
    """Presence of a leaf: a key that holds an object has no leaf of its own, so it does not exist."""
    if not isinstance(wanted, bool):
        raise InvalidPattern("exists takes true or false")
    return lambda found: _has_leaf(found) is wanted


def _has_leaf(found: Any) -> bool:
    """Whether there is a scalar; an array has those of its elements, and none when it is empty or of objects."""
    if isinstance(found, list):
        return any(_has_leaf(element) for element in found)
    return found is not _MISSING and not isinstance(found, dict)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _number_text(value: Any) -> str:
    return value.text if isinstance(value, _Real) else repr(value)


def _equal(found: Any, wanted: Any) -> bool:
    if _is_number(found) and _is_number(wanted):
        return _number_text(found) == _number_text(wanted)
    return type(found) is type(wanted) and bool(found == wanted)


def _text(operand: Any, name: str) -> str:
    if not isinstance(operand, str):
        raise InvalidPattern(f"{name} takes text")
    return operand


def _prefix(operand: Any) -> Matcher:
    start = _text(operand, "prefix")
    return lambda found: isinstance(found, str) and found.startswith(start)


def _suffix(operand: Any) -> Matcher:
    end = _text(operand, "suffix")
    return lambda found: isinstance(found, str) and found.endswith(end)


def _equals_ignore_case(operand: Any) -> Matcher:
    wanted = _text(operand, "equals-ignore-case").casefold()
    return lambda found: isinstance(found, str) and found.casefold() == wanted


def _anything_but(operand: Any) -> Matcher:
    refused = operand if isinstance(operand, list) else [operand]
    if not refused or not all(isinstance(value, str) or _is_number(value) for value in refused):
        raise InvalidPattern("anything-but takes text, numbers, or a list of them")
    return lambda found: not any(_equal(found, value) for value in refused)


def _numeric(operand: Any) -> Matcher:
    """Comparisons in pairs, all of which must hold; only JSON numbers are seen, never DynamoDB's N strings."""
    if not isinstance(operand, list) or len(operand) not in (2, 4):
        raise InvalidPattern("numeric takes one or two comparisons")
    pairs = list(zip(operand[::2], operand[1::2], strict=True))
    if not all(name in _COMPARISONS and _is_number(bound) for name, bound in pairs):
        raise InvalidPattern("numeric compares by =, <, <=, >, >= with a number")
    return lambda found: _is_number(found) and all(_COMPARISONS[name](found, bound) for name, bound in pairs)


_OPERATORS: dict[str, Callable[[Any], Matcher]] = {
    "prefix": _prefix,
    "suffix": _suffix,
    "equals-ignore-case": _equals_ignore_case,
    "anything-but": _anything_but,
    "numeric": _numeric,
}
