"""Images inside the row of a view: as JSON text, so that a row is never nested deeper than DynamoDB takes.

An item may be nested 32 levels deep, and inside a map of another item it would be 33. A row therefore holds each image
as a string: the JSON of the image in the form of an event, with binary as base64. If that is too large for one item,
the row holds all its images in one binary attribute, ``images``: the same JSON, deflated (RFC 1950), an attribute that
two images have alike written once. Rows of version 0.1.0 hold images as maps.

What does not fit: images that take more than ``IMAGES_BYTES`` deflated. Two different images of random bytes, or one
close to 400 KB, do that.
"""

import json
import zlib
from collections.abc import Iterable, Mapping
from typing import Any

from changestream.core.change import Image
from changestream.core.errors import PoisonRecord
from changestream.wire.attribute_values import to_event

PACKED = "images"
IMAGES_BYTES = 400_000
"""Of an item of 409,600 bytes; the other attributes of a row have up to 8,000: an item's key is stored twice."""

_compact = json.JSONEncoder(separators=(",", ":"), ensure_ascii=False, check_circular=False).encode


def stored(images: Mapping[str, Image]) -> dict[str, Any]:
    """Return the attributes that hold some images, by name, as boto3 takes them.

    The images are those of a decoded change. Raises ``PoisonRecord`` for images that one row cannot hold.
    """
    texts = {name: _compact(image) for name, image in images.items()}
    if sum(len(text) if text.isascii() else len(text.encode()) for text in texts.values()) <= IMAGES_BYTES:
        return {name: {"S": text} for name, text in texts.items()}
    deflated = zlib.compress(_compact(_written_once(images)).encode())
    if len(deflated) > IMAGES_BYTES:
        raise PoisonRecord(
            f"its images take {len(deflated):,} bytes deflated; a row holds {IMAGES_BYTES:,}: "
            "docs/decisions/images-in-rows.md says what does not fit"
        )
    return {PACKED: {"B": deflated}}


def images_of(row: Mapping[str, Any], names: Iterable[str]) -> dict[str, Image]:
    """Return the images of a row, as boto3 reads it, that has them under some of these names.

    The images are in the form of an event. Raises ``ValueError`` or ``KeyError`` for attributes that hold no image.
    """
    if PACKED in row:
        try:
            return _apart(json.loads(zlib.decompress(bytes(row[PACKED]["B"]))))
        except zlib.error as error:
            raise ValueError(f"the attribute {PACKED} is not deflated: {error}") from None
    return {name: _image(row[name]) for name in names if name in row}


def _image(value: Mapping[str, Any]) -> Image:
    if "S" in value:
        image: Image = json.loads(value["S"])
        return image
    return to_event(value["M"])  # a row of version 0.1.0


def _written_once(images: Mapping[str, Image]) -> list[Any]:
    """Return [name, image, names of the attributes that are as in the image before] for each image."""
    written: list[Any] = []
    before: Image = {}
    for name, image in images.items():
        same = [attribute for attribute, value in image.items() if before.get(attribute) == value]
        written.append([name, {each: value for each, value in image.items() if each not in same}, same])
        before = image
    return written


def _apart(written: Iterable[Any]) -> dict[str, Image]:
    images: dict[str, Image] = {}
    before: Image = {}
    for name, own, same in written:
        before = images[name] = {**own, **{attribute: before[attribute] for attribute in same}}
    return images
