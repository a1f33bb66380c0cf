"""The size of items in the form of an event, as DynamoDB counts it ("DynamoDB item sizes and formats")."""

from binascii import a2b_base64
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from changestream.core.change import Image
from changestream.core.errors import PoisonRecord

ITEM_BYTES = 409_600
ROOM_BYTES = 64
"""Of an item that views need for themselves: the attribute that carries a watermark has 49 bytes."""


def require_size(image: Image, name: str) -> None:
    """Raise ``PoisonRecord`` for an item that is larger than DynamoDB takes with what a view adds to it."""
    size = sum(len(attribute.encode()) + size_of(value) for attribute, value in image.items())
    if size > ITEM_BYTES - ROOM_BYTES:
        raise PoisonRecord(f"{name} has {size:,} bytes; an item has up to {ITEM_BYTES - ROOM_BYTES:,}")


def size_of(value: Mapping[str, Any]) -> int:
    """Return the bytes of a checked attribute value as DynamoDB counts them, to a byte or so for each number."""
    ((descriptor, content),) = value.items()
    match descriptor:
        case "S":
            return len(content.encode())
        case "N":
            return _number_size(content)
        case "B":
            return len(a2b_base64(content))
        case "SS" | "NS" | "BS":
            return sum(size_of({descriptor[0]: member}) for member in content)
        case "L":
            return 3 + sum(1 + size_of(element) for element in content)
        case "M":
            return 3 + sum(1 + len(name.encode()) + size_of(element) for name, element in content.items())
        case _:
            return 1


def _number_size(text: str) -> int:
    significant = Decimal(text).as_tuple().digits
    return len("".join(map(str, significant)).strip("0")) // 2 + 2
