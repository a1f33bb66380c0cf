"""Bounded reads of the streams: a record by its number, or all records of a stretch."""

from collections.abc import Iterator
from math import inf
from time import monotonic

from botocore.exceptions import ClientError

from changestream.aws.refusals import error_code
from changestream.core.failed_batch import StreamKind
from changestream.wire import lambda_event
from streamctl.reading.following import READS_PER_SECOND, Follow, Start
from streamctl.reading.seen import Seen, seen
from streamctl.reading.shards import ListedShard
from streamctl.reading.streams import Stream, StreamName, shards_of, stream_of
from streamctl.stack import Stack

SCAN_SECONDS = 60
"""For all that one command reads of the streams."""

KINESIS_DIGITS = 50
"""A sequence number of Kinesis has 56 digits, one of DynamoDB Streams 40 at most."""

UNKNOWN_NUMBER = frozenset({
    "ValidationException", "InvalidArgumentException", "TrimmedDataAccessException", "ResourceNotFoundException",
})  # fmt: skip


class Scans:
    """Reads the streams of a stack within ``SCAN_SECONDS``, without the records of other tables.

    ``cut`` names those that it did not read to their ends.
    """

    def __init__(self, stack: Stack) -> None:
        self._stack = stack
        self._table = stack.output("TasksTableName")
        self._ends_at = monotonic() + SCAN_SECONDS
        self.cut: list[StreamName] = []

    def stretch(self, name: StreamName, start: Start) -> Iterator[Seen]:
        """Give the records of a stream from a point to its newest record, or to ``start.until``."""
        rate = inf if self._stack.target.endpoint else READS_PER_SECOND
        following = Follow(self._stack, stream_of(self._stack, name), start, rate)
        for shard_id, records in following.pages(stop_at_tip=True):
            found = seen(name, shard_id, records, self._table)
            yield from (each for each in found if not each.foreign)
            if monotonic() > self._ends_at:
                self.cut.append(name)
                return

    def by_number(self, number: str, shard_id: str | None = None) -> Seen | None:
        """Return the record with a sequence number, in a shard or in any; ``None`` if no stream has it."""
        names = (StreamName.CHANGES, StreamName.LEDGER) if len(number) >= KINESIS_DIGITS else (StreamName.TABLE,)
        for stream in (stream_of(self._stack, name) for name in names):
            for shard in shards_of(self._stack, stream):
                if shard_id in (None, shard.shard_id) and _may_hold(shard, int(number)):
                    found = self._at(stream, shard, number)
                    if found:
                        return found[-1]
        return None

    def _at(self, stream: Stream, shard: ListedShard, number: str) -> list[Seen]:
        at = {"ShardId": shard.shard_id, "ShardIteratorType": "AT_SEQUENCE_NUMBER"}
        of_table = stream.kind is StreamKind.DYNAMODB
        client = self._stack.client("dynamodbstreams" if of_table else "kinesis")
        try:
            if of_table:
                answer = client.get_shard_iterator(StreamArn=stream.arn, SequenceNumber=number, **at)
                page = client.get_records(ShardIterator=answer["ShardIterator"], Limit=1)
                records = [lambda_event.table_stream_record(each, stream.arn) for each in page["Records"]]
            else:
                answer = client.get_shard_iterator(StreamARN=stream.arn, StartingSequenceNumber=number, **at)
                page = client.get_records(ShardIterator=answer["ShardIterator"], Limit=1, StreamARN=stream.arn)
                records = [
                    lambda_event.kinesis_record(each, stream.arn, shard.shard_id, "") for each in page["Records"]
                ]
        except ClientError as error:
            if error_code(error) in UNKNOWN_NUMBER:
                return []
            raise
        found = seen(StreamName(stream.name), shard.shard_id, records, self._table)
        return [each for each in found if each.sequence_number == number and not each.foreign]


def _may_hold(shard: ListedShard, number: int) -> bool:
    return int(shard.first or 0) <= number and (shard.last is None or number <= int(shard.last))
