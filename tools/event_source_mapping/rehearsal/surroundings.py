"""What surrounds a rehearsed mapping: its source in memory, under the ARN that the mapping names."""

from base64 import b64decode
from typing import Any

from event_source_mapping.memory import (
    ConsumerSource,
    DataStream,
    DataStreamSource,
    MemoryQueue,
    MemoryTableStream,
    ShardStore,
    TableStreamSource,
)
from event_source_mapping.ports import QueueSource, StreamSource
from event_source_mapping.settings import SourceKind
from event_source_mapping.virtual_time import VirtualClock

_ACCOUNT = "eu-west-1:123456789012"
TABLE_STREAM_ARN = f"arn:aws:dynamodb:{_ACCOUNT}:table/Table/stream/2026-01-01T00:00:00.000"
DATA_STREAM_ARN = f"arn:aws:kinesis:{_ACCOUNT}:stream/Stream"
CONSUMER_ARN = f"{DATA_STREAM_ARN}/consumer/Consumer:1767225600"
QUEUE_ARN = f"arn:aws:sqs:{_ACCOUNT}:Queue"
FUNCTION_ARN = f"arn:aws:lambda:{_ACCOUNT}:function:Function"
FAILED_BATCHES_ARN = f"arn:aws:sqs:{_ACCOUNT}:FailedBatches"


class Surroundings:
    """The source that `arn` names, and writes to it; of `table`, `data_stream` and `queue` it has one."""

    def __init__(self, arn: str, clock: VirtualClock, shards: int = 1) -> None:
        self._table: MemoryTableStream | None = None
        self._data_stream: DataStream | None = None
        self._queue: MemoryQueue | None = None
        self.source: StreamSource | QueueSource
        kind = SourceKind.of(arn)
        if kind is SourceKind.SQS:
            self.source = self._queue = MemoryQueue(arn, clock)
        elif kind is SourceKind.KINESIS:
            stream_arn, consumer, _ = arn.partition("/consumer/")
            self._data_stream = stream = DataStream(stream_arn, clock.now, shards=shards)
            self.source = ConsumerSource(stream, arn, clock) if consumer else DataStreamSource(stream)
        else:
            self._table = MemoryTableStream(arn, clock.now, shards=shards)
            self.source = TableStreamSource(self._table)

    @property
    def table(self) -> MemoryTableStream:
        """The table's stream: `table.put(keys, new_image, old_image)`."""
        return _present(self._table, "a table's stream")

    @property
    def data_stream(self) -> DataStream:
        """The Kinesis stream: `data_stream.put(partition_key, data)`."""
        return _present(self._data_stream, "a Kinesis stream")

    @property
    def queue(self) -> MemoryQueue:
        """The queue: `queue.send(body)`."""
        return _present(self._queue, "a queue")

    @property
    def store(self) -> ShardStore:
        """The shards of the stream, to split, merge, close and trim."""
        return (self._table or self.data_stream).store

    def put(self, text: str, item: str = "item") -> str:
        """Add a record or message that `label` reads back; return what identifies it."""
        if self._queue is not None:
            return self._queue.send(text, item)
        if self._data_stream is not None:
            return self._data_stream.put(item, text.encode())
        keys = {"id": {"S": item}}
        return self.table.put(keys, keys | {"label": {"S": text}})


def _present[T](source: T | None, wanted: str) -> T:
    if source is None:
        raise TypeError(f"the mapping's source is not {wanted}")
    return source


def label(record: dict[str, Any]) -> str:
    """What `put` was given for this record."""
    if "dynamodb" in record:
        return str(record["dynamodb"]["NewImage"]["label"]["S"])
    if "kinesis" in record:
        return b64decode(record["kinesis"]["data"]).decode()
    return str(record["body"])


def identifier(record: dict[str, Any]) -> str:
    """What a partial batch response calls this record."""
    if "dynamodb" in record:
        return str(record["dynamodb"]["SequenceNumber"])
    return str(record["kinesis"]["sequenceNumber"] if "kinesis" in record else record["messageId"])
