"""The changes that a stream carries, and those of them that a consumer was given.

They are read from the records themselves: a check does not ask the decoders that it checks.
"""

import json
from base64 import b64decode
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from changestream.core.change import Change
from changestream.wire import kinesis_capture, table_stream
from consumers.kinds import Feed
from consumers.reading import Consumer
from consumers.rows import memory_of
from event_source_mapping.filters import RecordFilter

Record = Mapping[str, Any]
Item = Mapping[str, Any]
"""Attribute values by the names of their attributes, as events have them."""

_SERVICES = {Feed.TABLE: "dynamodb", Feed.CHANGES: "kinesis", Feed.OTHER: "kinesis"}


@dataclass(eq=False)
class Given:
    """A change, which a stream carries once or more often.

    ``keys`` are those of its item; ``position`` is its place among the changes of the item in this stream; ``old`` and
    ``new`` are the item before and afterwards; ``numbers`` are the sequence numbers of all records that carry it.
    ``record`` is the first of them as Lambda delivers it, or `None` for a record that has other changes in it.
    """

    keys: dict[str, str]
    position: int
    old: Item | None
    new: Item | None
    by_ttl: bool = False
    numbers: list[str] = field(default_factory=list)
    record: Record | None = None

    @property
    def is_removal(self) -> bool:
        """Whether the item is gone afterwards."""
        return self.new is None

    @property
    def kind(self) -> str:
        """What happened to the item, in the words of DynamoDB Streams."""
        if self.old is None:
            return "INSERT"
        return "REMOVE" if self.new is None else "MODIFY"

    @property
    def subject(self) -> str:
        """The name of the item in a message."""
        return "/".join(self.keys.values())

    @cached_property
    def change(self) -> Change | None:
        """The change as the layer decodes it: for the keys of rows, which are made of what the layer makes of it."""
        if self.record is None:
            return None
        return table_stream.change(self.record) if "dynamodb" in self.record else kinesis_capture.change(self.record)

    @property
    def memory(self) -> str:
        """What Powertools Idempotency makes of the identity of the change; a memory's id ends so."""
        return "" if self.change is None else memory_of(self.change)


def changes_in(records: Iterable[Record], concerns: Callable[[Item], bool]) -> list[Given]:
    """Return the changes of a table in some records of a stream, each once, in the order of their first records.

    ``records`` are shaped as Lambda delivers them, and carry both images. ``concerns`` tells by the keys whether an
    item is one that consumers take note of.
    """
    found: defaultdict[tuple[str, ...], list[Given]] = defaultdict(list)
    changes: list[Given] = []
    for record in records:
        is_of_table = "dynamodb" in record
        captured = record if is_of_table else json.loads(b64decode(record["kinesis"]["data"]))
        if not concerns(captured["dynamodb"]["Keys"]):
            continue
        number = number_of(record)
        position = int(number if is_of_table else captured["dynamodb"]["ApproximateCreationDateTime"])
        read = _given(captured, position, record)
        same = found[*read.keys.values(), str(position)]
        one = next((one for one in same if (one.old, one.new) == (read.old, read.new)), None)
        if one is None:
            same.append(one := read)
            changes.append(one)
        one.numbers.append(number)
    return changes


def number_of(record: Record) -> str:
    """Return the sequence number of a record, as Lambda delivers it."""
    return str(record["dynamodb"]["SequenceNumber"] if "dynamodb" in record else record["kinesis"]["sequenceNumber"])


def delivered(consumer: Consumer, changes: Iterable[Given]) -> list[Given]:
    """Return those changes that the filter of a consumer's mapping lets pass."""
    compiled = RecordFilter.compiled(tuple(consumer.filters), _SERVICES[consumer.feed])
    return [one for one in changes if compiled is None or one.record is None or compiled.passes(dict(one.record))]


def stream_differences(first: Iterable[Given], second: Iterable[Given]) -> Iterator[str]:
    """Yield the items of which two streams of one table do not carry the same changes in the same order."""
    of_first, of_second = _in_order(first), _in_order(second)
    for name in sorted({*of_first, *of_second}):
        if of_first[name] != of_second[name]:
            yield f"{name}: the streams carry {len(of_first[name])} and {len(of_second[name])} changes, or other images"


def _given(captured: Mapping[str, Any], position: int, record: Record) -> Given:
    body = captured["dynamodb"]
    keys = {name: str(next(iter(value.values()))) for name, value in body["Keys"].items()}
    return Given(
        keys,
        position,
        body.get("OldImage"),
        body.get("NewImage"),
        bool(captured.get("userIdentity")),
        record=record,
    )


def _in_order(changes: Iterable[Given]) -> defaultdict[str, list[Any]]:
    found: defaultdict[str, list[Any]] = defaultdict(list)
    for one in sorted(changes, key=lambda one: one.position):
        found["/".join(f"{name}={key}" for name, key in sorted(one.keys.items()))].append(
            (one.old, one.new, one.by_ttl)
        )
    return found
