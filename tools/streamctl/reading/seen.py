"""Records of the application's streams as what they say: one change, several of an aggregate, or none at all."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from changestream.core.change import Change, Image
from changestream.core.errors import PoisonRecord
from changestream.core.failed_batch import EventRecord, StreamKind
from changestream.wire import kinesis_capture, ledger, table_stream
from changestream.wire.lambda_event import sequence_number
from streamctl.images import key_text
from streamctl.reading.streams import StreamName
from streamctl.words import instant

SKIPPED = "another table's or another producer's: the consumers skip it"
"""Description of a foreign record."""


@dataclass(frozen=True, slots=True)
class KinesisContent:
    """What a Kinesis record of another stack holds. ``data`` is in base64."""

    partition_key: str
    data: str


@dataclass(frozen=True, slots=True)
class Seen:
    """A change in its shard, or why there is none.

    ``poison`` says why the consumers of the stream cannot decode the record. They skip a record that is ``foreign``:
    it names another table, or is not a captured change. ``content`` is that of a record which only its consumer
    understands.
    """

    stream: str
    shard_id: str
    sequence_number: str
    change: Change | None
    poison: str | None = None
    foreign: bool = False
    content: KinesisContent | None = None

    def document(self) -> dict[str, Any]:
        """Return what ``--json`` writes of it."""
        change = self.change
        found = {
            "stream": self.stream,
            "shardId": self.shard_id,
            "sequenceNumber": self.sequence_number,
            "eventId": change and change.event_id,
            "kind": change and change.kind,
            "key": change and key_text(change.keys),
            "occurredAt": change and change.time and instant(change.time),
            "position": change and change.position,
            "byTimeToLive": change and change.by_time_to_live,
            "table": change and change.table,
            "oldImage": change and change.old_image,
            "newImage": change and change.new_image,
            "poison": self.poison,
            "foreign": self.foreign,
        }
        return found | ({"partitionKey": self.content.partition_key, "data": self.content.data} if self.content else {})


def seen(stream: StreamName, shard_id: str, records: Iterable[EventRecord], table: str) -> list[Seen]:
    """Return what the records of a shard say, in their order. ``table`` is the table whose changes are captured."""
    return [each for record in records for each in _one(stream, shard_id, record, table)]


def stream_name(kind: StreamKind, stream_arn: str, ledger_arn: str) -> StreamName:
    """Tell which of the streams a record is from, by its ARN."""
    if kind is StreamKind.DYNAMODB:
        return StreamName.TABLE
    return StreamName.LEDGER if stream_arn == ledger_arn else StreamName.CHANGES


def _one(stream: StreamName, shard_id: str, record: EventRecord, table: str) -> list[Seen]:
    number = sequence_number(record)
    if stream is StreamName.TABLE:
        try:
            return [Seen(stream, shard_id, number, table_stream.change(record))]
        except PoisonRecord as error:
            return [Seen(stream, shard_id, number, None, error.reason)]
    of_ledger = stream is StreamName.LEDGER
    batch = ledger.decode([record]) if of_ledger else kinesis_capture.decode([record], _any_item, table)
    found = [Seen(stream, shard_id, number, change) for change in batch.changes]
    found += [Seen(stream, shard_id, number, None, failure.reason) for failure in batch.failures]
    foreign = batch.passed_over and not of_ledger
    return [*found, Seen(stream, shard_id, number, None, foreign=True)] if foreign else found


def _any_item(_: Image) -> bool:
    return True
