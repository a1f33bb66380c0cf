"""One change of one item, and the images that records carry of it."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from moto.dynamodb.models.dynamo_type import DynamoType, Item

type Image = dict[str, Any]
"""An item or a key in DynamoDB JSON; binary values are base64 text."""

TTL_IDENTITY = {"PrincipalId": "dynamodb.amazonaws.com", "Type": "Service"}


@dataclass(frozen=True, slots=True)
class ItemChange:
    """What one write did to one item, whichever kind of write it was."""

    event_id: str
    event_name: str
    keys: Image
    old_image: Image | None
    new_image: Image | None
    at: float
    by_ttl: bool


def change_between(
    old: Item | None, new: Item | None, key_names: list[str], at: float, by_ttl: bool
) -> ItemChange | None:
    """Describe a write; None if it changed nothing, of which DynamoDB makes no record."""
    old_image = None if old is None else image_of(old)
    new_image = None if new is None else image_of(new)
    if old_image == new_image or (old is not None and new is not None and old.attrs == new.attrs):
        return None
    present = new_image or old_image or {}
    return ItemChange(
        event_id=uuid4().hex,
        event_name=_event_name(old_image, new_image),
        keys={name: present[name] for name in key_names},
        old_image=old_image,
        new_image=new_image,
        at=at,
        by_ttl=by_ttl,
    )


def image_of(item: Item) -> Image:
    return {name: _plain(value) for name, value in item.attrs.items()}


def size_of(image: Image) -> int:
    """Bytes of attribute names and values, as `SizeBytes` counts them.

    Text and names count their UTF-8 bytes, binaries their own, booleans and nulls 1. For numbers DynamoDB's
    documentation says about one byte for two digits, but "42" was recorded as 2: one a digit.
    """
    return sum(len(name.encode()) + _value_size(value) for name, value in image.items())


def _event_name(old: Image | None, new: Image | None) -> str:
    if old is None:
        return "INSERT"
    return "REMOVE" if new is None else "MODIFY"


def _plain(value: DynamoType) -> Image:
    kind, content = value.type, value.value
    if kind == "M":
        content = {name: _plain(inner) for name, inner in content.items()}
    elif kind == "L":
        content = [_plain(inner) for inner in content]
    elif kind in ("B", "BS"):
        content = [_text(each) for each in content] if kind == "BS" else _text(content)
    return {kind: content}


def _text(value: bytes | str) -> str:
    return base64.b64encode(value).decode() if isinstance(value, bytes) else value


def _value_size(value: Image) -> int:
    ((kind, content),) = value.items()
    match kind:
        case "S" | "N":
            return len(content.encode())
        case "B":
            return len(base64.b64decode(content))
        case "M":
            return size_of(content)
        case "L":
            return sum(_value_size(each) for each in content)
        case "SS" | "NS" | "BS":
            return sum(_value_size({kind[0]: each}) for each in content)
        case _:
            return 1
