"""Binary attribute values: base64 text in events, bytes in boto3's calls."""

from base64 import b64encode
from binascii import a2b_base64
from collections.abc import Callable, Mapping
from typing import Any

from changestream.core.errors import PoisonRecord
from changestream.core.quoting import quoted

SCALARS: Mapping[str, type] = {"S": str, "N": str, "BOOL": bool, "NULL": bool}
"""Those that are in an event as boto3 has them, which most values of most items are."""


def to_boto3(image: Mapping[str, Any]) -> dict[str, Any]:
    """Return an event's image as boto3 takes it: every ``B`` and ``BS``, however deep, as bytes.

    Raises ``PoisonRecord`` where a value is none of DynamoDB's: the clients do not look at what they are given.
    """
    item = {}
    try:
        for name, value in image.items():
            ((descriptor, content),) = value.items()
            as_it_is = isinstance(content, SCALARS.get(descriptor, ()))  # asked here, too: it saves most of the calls
            item[name] = value if as_it_is else _convert(value, _decoded)
        return item
    except (ValueError, TypeError, AttributeError) as error:
        raise PoisonRecord(f"not an item: {error}") from error


def to_event(image: Mapping[str, Any]) -> dict[str, Any]:
    """Return an image that boto3 read as Lambda puts it into an event: every ``B`` and ``BS`` as base64 text."""
    return {name: _convert(value, lambda raw: b64encode(bytes(raw)).decode()) for name, value in image.items()}


def _decoded(text: str) -> bytes:
    """Return the bytes of base64 text. Raises ``ValueError`` for any other, of which decoders leave out what is odd."""
    return a2b_base64(text, strict_mode=True)


def _convert(value: Mapping[str, Any], binary: Callable[[Any], Any]) -> Mapping[str, Any]:
    ((descriptor, content),) = value.items()
    if isinstance(content, SCALARS.get(descriptor, ())):
        return value
    match descriptor, content:
        case "B", _:
            return {"B": binary(content)}
        case "BS", list():
            return {"BS": [binary(element) for element in content]}
        case "SS" | "NS", list() if all(isinstance(element, str) for element in content):
            return value
        case "M", Mapping():
            return {"M": {name: _convert(element, binary) for name, element in content.items()}}
        case "L", list():
            return {"L": [_convert(element, binary) for element in content]}
        case _:
            raise ValueError(f"{quoted(descriptor)} with {quoted(content)}")
