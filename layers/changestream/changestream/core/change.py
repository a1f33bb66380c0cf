"""One change of one item: what every consumer works on, whichever stream brought it."""

import json
from collections.abc import Mapping
from enum import StrEnum
from hashlib import sha256
from typing import Any, NamedTuple

from changestream.core.errors import PoisonRecord
from changestream.core.position import Position
from changestream.core.quoting import quoted

AttributeValue = Mapping[str, Any]
"""A DynamoDB attribute value with its type descriptor: ``{"S": "open"}``."""

Image = Mapping[str, AttributeValue]
"""An item, or its keys, as attribute values by name."""

ItemKey = tuple[tuple[str, str], ...]
"""The primary key of an item as a hashable value: (attribute name, value) in name order."""


# Made once, because `dumps` makes one for every call with an option; what was read from JSON has no circles.
_in_one_order = json.JSONEncoder(sort_keys=True, check_circular=False).encode


class ChangeKind(StrEnum):
    """What happened to the item (DynamoDB Streams, ``eventName``)."""

    INSERT = "INSERT"
    MODIFY = "MODIFY"
    REMOVE = "REMOVE"


class Change(NamedTuple):
    """A decoded stream record; a tuple, because one is made of each, and a frozen dataclass takes three times as long.

    ``sequence_number`` identifies the *record* in its shard and is what a partial batch response names; ``position``
    orders the *changes* of one item. They are the same number on DynamoDB Streams only. ``time`` is in epoch seconds,
    ``None`` for a record that does not carry it: ``ApproximateCreationDateTime`` is optional (DynamoDB Streams API,
    ``StreamRecord``). ``by_time_to_live`` is true for a deletion by DynamoDB's TTL, false for one by a caller.
    """

    kind: ChangeKind
    keys: Image
    item: ItemKey
    old_image: Image | None
    new_image: Image | None
    position: Position
    sequence_number: str
    event_id: str
    time: float | None
    by_time_to_live: bool
    table: str | None

    @property
    def occurred_at(self) -> float:
        """The time of the change in epoch seconds. Raises ``PoisonRecord`` if the record does not carry it."""
        if self.time is None:
            raise PoisonRecord("the record carries no time (ApproximateCreationDateTime), and this consumer needs it")
        return self.time

    def image_after(self) -> Image | None:
        """Return the item as the change left it, ``None`` if it removed it.

        Raises ``PoisonRecord`` for any other change without a new image: taken for a removal, it would empty the view.
        """
        if self.kind is ChangeKind.REMOVE:
            return None
        if self.new_image is None:
            raise PoisonRecord(f"{self.kind} without a new image: the stream's view type has to include new images")
        return self.new_image

    def digest(self) -> bytes:
        """Return what tells the change from any other of its item at its position; a repeat has the same images."""
        what = _in_one_order([self.kind, self.old_image, self.new_image])
        return sha256(what.encode()).digest()


def item_key(keys: Image) -> ItemKey:
    """Return the key attributes as one hashable value, whatever the order in which they arrived.

    A key is text, a number or bytes, each as text. Raises ``PoisonRecord`` for anything else.
    """
    pairs = []
    try:
        for name, value in keys.items():
            (content,) = value.values()
            if not isinstance(content, str):
                raise PoisonRecord(f"the key {quoted(name)} is {quoted(value)}")
            pairs.append((name, content))
    except (ValueError, AttributeError):
        raise PoisonRecord(f"the keys of the item are {quoted(keys)}") from None
    pairs.sort()
    return tuple(pairs)
