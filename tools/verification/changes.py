"""The changes that a consumer was given, read from the records of its stream."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from changestream.core.change import Change, Image
from changestream.core.identity import identity_of
from changestream.wire import kinesis_capture, table_stream
from consumers.kinds import Feed
from consumers.reading import Consumer
from consumers.rows import memory_of
from event_source_mapping.filters import RecordFilter

Record = Mapping[str, Any]

_DECODERS: dict[Feed, Callable[[Record], Change]] = {
    Feed.TABLE: table_stream.change,
    Feed.CHANGES: kinesis_capture.change,
}
_SERVICES = {Feed.TABLE: "dynamodb", Feed.CHANGES: "kinesis", Feed.OTHER: "kinesis"}


@dataclass(slots=True)
class Given:
    """A change that a consumer was given, once or more often.

    ``keys`` are those of its item; ``position`` is its place among the changes of the item in this feed; ``numbers``
    are the sequence numbers of all records that carry it. ``change`` is `None` for a change of another stream.
    """

    keys: dict[str, str]
    position: int
    is_removal: bool
    numbers: list[str] = field(default_factory=list)
    change: Change | None = None

    @property
    def subject(self) -> str:
        """The name of the item in a message."""
        return "/".join(self.keys.values())

    @property
    def memory(self) -> str:
        """What Powertools Idempotency makes of the identity of the change; a memory's id ends so."""
        return "" if self.change is None else memory_of(self.change)


def given(consumer: Consumer, records: Iterable[Record], concerns: Callable[[Image], bool]) -> list[Given]:
    """Return the changes in some records of a consumer's stream, each once, in the order of their first records.

    ``records`` are shaped as Lambda delivers them. The filter of the mapping counts: a record that it keeps back
    was not given. ``concerns`` tells by the keys whether an item is one that consumers take note of.
    """
    decode = _DECODERS[consumer.feed]
    passes = _filter(consumer)
    found: dict[str, Given] = {}
    for record in records:
        if not passes(record):
            continue
        change = decode(record)
        if concerns(change.keys):
            one = found.setdefault(identity_of(change), _given(change))
            one.numbers.append(change.sequence_number)
    return list(found.values())


def _filter(consumer: Consumer) -> Callable[[Any], bool]:
    compiled = RecordFilter.compiled(tuple(consumer.filters), _SERVICES[consumer.feed])
    return compiled.passes if compiled else lambda _: True


def _given(change: Change) -> Given:
    keys = {name: next(iter(value.values())) for name, value in change.keys.items()}
    return Given(keys, int(change.position), change.image_after() is None, [], change)
