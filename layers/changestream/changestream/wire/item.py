"""Items in the form of an event, held to DynamoDB's own rules, before any view is written.

A record in Kinesis says whatever its producer put there, and the clients do not look at what they are given.
Sources: DynamoDB Developer Guide, "Supported data types and naming rules", "Quotas", "DynamoDB item sizes and formats".
"""

from binascii import a2b_base64
from collections.abc import Callable, Mapping
from decimal import Decimal

from changestream.core.change import Image
from changestream.core.errors import PoisonRecord
from changestream.core.quoting import quoted
from changestream.wire.item_number import MOST_DIGITS, RefusedNumber, number

DEEPEST = 32
"""Levels of nesting of a value: 31 lists or maps, and what the innermost holds."""

NAME_BYTES = 65_535
KEY_BYTES = 2048
KEY_DESCRIPTORS = frozenset({"S", "N", "B"})


def checked_item(image: object, name: str) -> Image:
    """Return an image of a record if DynamoDB would take it as an item. Raises ``PoisonRecord`` if not."""
    if not isinstance(image, dict):
        raise PoisonRecord(f"{name} is {quoted(image)}, not an item")
    for attribute, value in image.items():
        is_plain = attribute.isascii() and 0 < len(attribute) <= NAME_BYTES
        if is_plain and type(value) is dict and len(value) == 1:  # most values of most items are done with here
            text = value.get("S")
            if type(text) is str and text.isascii():
                continue
            text = value.get("N")
            if type(text) is str and len(text) <= MOST_DIGITS and text.isdigit() and text.isascii():
                continue
        try:
            _check_name(attribute)
            _check(value, 1)
        except RefusedNumber as error:
            raise PoisonRecord(f"{name} is not an item: {quoted(attribute)} {error}") from None
    return image


def checked_keys(keys: object) -> Image:
    """Return the ``Keys`` of a record if they are a primary key. Raises ``PoisonRecord`` if not."""
    if not isinstance(keys, dict) or not 1 <= len(keys) <= 2:
        raise PoisonRecord(f"Keys is {quoted(keys)}, not a primary key")
    checked_item(keys, "Keys")
    for name, value in keys.items():
        ((descriptor, content),) = value.items()
        if descriptor not in KEY_DESCRIPTORS or not content or len(content) > KEY_BYTES * 4 // 3 + 4:
            raise PoisonRecord(f"the key {quoted(name)} is {quoted(value)}, which DynamoDB does not take as a key")
    return keys


def _check(value: object, depth: int) -> None:
    """Raise ``RefusedNumber`` unless this is an attribute value whose nesting ends in time."""
    if not isinstance(value, dict) or len(value) != 1:
        raise RefusedNumber(f"is {quoted(value)}, not an attribute value")
    ((descriptor, content),) = value.items()
    check = CHECKS.get(descriptor)
    if check is None:
        raise RefusedNumber(f"has the type {quoted(descriptor)}")
    check(content, depth)


def _check_name(name: str) -> None:
    if not name or _utf8_size(name) > NAME_BYTES:
        raise RefusedNumber("is not a name of an attribute")


def _check_text(content: object, _: int) -> None:
    if not isinstance(content, str):
        raise RefusedNumber(f"is S with {quoted(content)}")
    if not content.isascii():
        _utf8_size(content)


def _check_number(content: object, _: int) -> None:
    if not isinstance(content, str):
        raise RefusedNumber(f"is N with {quoted(content)}")
    number(content)


def _check_binary(content: object, _: int) -> None:
    _decoded(content)


def _check_bool(content: object, _: int) -> None:
    if not isinstance(content, bool):
        raise RefusedNumber(f"is BOOL with {quoted(content)}")


def _check_null(content: object, _: int) -> None:
    if content is not True:
        raise RefusedNumber(f"is NULL with {quoted(content)}")


def _check_list(content: object, depth: int) -> None:
    if not isinstance(content, list):
        raise RefusedNumber(f"is L with {quoted(content)}")
    _require_shallow(depth)
    for element in content:
        _check(element, depth + 1)


def _check_map(content: object, depth: int) -> None:
    if not isinstance(content, dict):
        raise RefusedNumber(f"is M with {quoted(content)}")
    _require_shallow(depth)
    for name, element in content.items():
        _check_name(name)
        _check(element, depth + 1)


def _set_of(descriptor: str, member: Callable[[object], object]) -> Callable[[object, int], None]:
    def check(content: object, _: int) -> None:
        if not isinstance(content, list) or not content:
            raise RefusedNumber(f"is {descriptor} with {quoted(content)}: a set has one member or more")
        if len({member(each) for each in content}) != len(content):
            raise RefusedNumber(f"is {descriptor} with the same member twice")

    return check


def _text_member(content: object) -> str:
    _check_text(content, 0)
    return str(content)


def _number_member(content: object) -> Decimal:
    if not isinstance(content, str):
        raise RefusedNumber(f"is N with {quoted(content)}")
    return number(content)


def _decoded(content: object) -> bytes:
    """Return the bytes of base64 text; decoders that are not strict leave out what is odd."""
    try:
        if isinstance(content, str):
            return a2b_base64(content, strict_mode=True)
    except ValueError:
        pass
    raise RefusedNumber(f"is B with {quoted(content)}, not base64")


def _require_shallow(depth: int) -> None:
    if depth >= DEEPEST:
        raise RefusedNumber(f"is nested deeper than {DEEPEST} levels")


def _utf8_size(text: str) -> int:
    try:
        return len(text.encode())
    except UnicodeEncodeError:
        raise RefusedNumber(f"has {quoted(text)}, which is not Unicode text") from None


CHECKS: Mapping[str, Callable[[object, int], None]] = {
    "S": _check_text,
    "N": _check_number,
    "B": _check_binary,
    "BOOL": _check_bool,
    "NULL": _check_null,
    "SS": _set_of("SS", _text_member),
    "NS": _set_of("NS", _number_member),
    "BS": _set_of("BS", _decoded),
    "L": _check_list,
    "M": _check_map,
}
