"""Records of the streams as what they say: one change, several of an aggregate, or none that can be understood."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from changestream.core.change import Change
from changestream.core.errors import PoisonRecord
from changestream.core.failed_batch import EventRecord, StreamKind
from changestream.wire import kinesis_capture, ledger, table_stream
from changestream.wire.lambda_event import sequence_number
from streamctl.images import key_text
from streamctl.reading.streams import StreamName
from streamctl.words import instant


@dataclass(frozen=True, slots=True)
class Seen:
    """A change in its shard, or why there is none: then the consumers of the stream meet a poison record."""

    stream: StreamName
    shard_id: str
    sequence_number: str
    change: Change | None
    poison: str | None = None

    def document(self) -> dict[str, Any]:
        """Return what ``--json`` writes of it."""
        change = self.change
        return {
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
        }


def seen(stream: StreamName, shard_id: str, records: Iterable[EventRecord]) -> list[Seen]:
    """Return what the records of a shard say, in their order."""
    return [each for record in records for each in _one(stream, shard_id, record)]


def stream_name(kind: StreamKind, stream_arn: str, ledger_arn: str) -> StreamName:
    """Tell which of the streams a record is from, by its ARN."""
    if kind is StreamKind.DYNAMODB:
        return StreamName.TABLE
    return StreamName.LEDGER if stream_arn == ledger_arn else StreamName.CHANGES


def _one(stream: StreamName, shard_id: str, record: EventRecord) -> list[Seen]:
    number = sequence_number(record)
    if stream is StreamName.LEDGER:
        batch = ledger.decode([record])
        changes = [Seen(stream, shard_id, number, change) for change in batch.changes]
        return changes + [Seen(stream, shard_id, number, None, failure.reason) for failure in batch.failures]
    try:
        change = (table_stream if stream is StreamName.TABLE else kinesis_capture).change(record)
    except PoisonRecord as error:
        return [Seen(stream, shard_id, number, None, error.reason)]
    return [Seen(stream, shard_id, number, change)]
