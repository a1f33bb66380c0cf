"""What the records of failed and parked batches say, whichever stack their stream is of."""

from collections.abc import Callable, Iterable
from functools import partial

from changestream.core.errors import PoisonRecord
from changestream.core.failed_batch import EventRecord, StreamKind
from changestream.wire import table_stream
from changestream.wire.lambda_event import sequence_number
from streamctl.reading.seen import KinesisContent, Seen, seen, stream_name
from streamctl.reading.streams import foreign_stream
from streamctl.stack import Stack

type ReadRecords = Callable[[StreamKind, str, str, Iterable[EventRecord]], list[Seen]]
"""Takes the kind and ARN of a stream, a shard id and records of that shard."""


def record_reader(stack: Stack) -> ReadRecords:
    """Return what reads the records that a stack's recovery is about.

    Records of the application are decoded as its consumers decode them. Of recovery alone, a change of a table is
    decoded, and a Kinesis record is shown as it is: only its consumer knows what it means.
    """
    if stack.is_recovery_alone:
        return _foreign
    return partial(_of_application, stack.output("LedgerStreamArn"), stack.output("TasksTableName"))


def _of_application(
    ledger_arn: str, table: str, kind: StreamKind, stream_arn: str, shard_id: str, records: Iterable[EventRecord]
) -> list[Seen]:
    return seen(stream_name(kind, stream_arn, ledger_arn), shard_id, records, table)


def _foreign(kind: StreamKind, stream_arn: str, shard_id: str, records: Iterable[EventRecord]) -> list[Seen]:
    name = foreign_stream(stream_arn).name
    read = _change if kind is StreamKind.DYNAMODB else _content
    return [read(name, shard_id, record) for record in records]


def _change(stream: str, shard_id: str, record: EventRecord) -> Seen:
    try:
        return Seen(stream, shard_id, sequence_number(record), table_stream.change(record))
    except PoisonRecord as error:
        return Seen(stream, shard_id, sequence_number(record), None, error.reason)


def _content(stream: str, shard_id: str, record: EventRecord) -> Seen:
    body = record["kinesis"]
    content = KinesisContent(str(body["partitionKey"]), str(body["data"]))
    return Seen(stream, shard_id, str(body["sequenceNumber"]), None, content=content)
