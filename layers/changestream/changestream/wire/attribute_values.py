"""Binary attribute values: base64 text in events, bytes in boto3's calls."""

from base64 import b64decode, b64encode
from collections.abc import Callable, Mapping
from typing import Any


def to_boto3(image: Mapping[str, Any]) -> dict[str, Any]:
    """Return an event's image as boto3 takes it: every ``B`` and ``BS``, however deep, as bytes."""
    return {name: _convert(value, b64decode) for name, value in image.items()}


def to_event(image: Mapping[str, Any]) -> dict[str, Any]:
    """Return an image that boto3 read as Lambda puts it into an event: every ``B`` and ``BS`` as base64 text."""
    return {name: _convert(value, lambda raw: b64encode(bytes(raw)).decode()) for name, value in image.items()}


def _convert(value: Mapping[str, Any], binary: Callable[[Any], Any]) -> dict[str, Any]:
    ((descriptor, content),) = value.items()
    match descriptor:
        case "B":
            return {"B": binary(content)}
        case "BS":
            return {"BS": [binary(element) for element in content]}
        case "M":
            return {"M": {name: _convert(element, binary) for name, element in content.items()}}
        case "L":
            return {"L": [_convert(element, binary) for element in content]}
        case _:
            return {descriptor: content}
