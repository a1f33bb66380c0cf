"""Following a stream from some point on, across splits and merges, until whoever looks has seen enough."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from math import inf
from time import monotonic, sleep, time
from typing import Any

from botocore.exceptions import ClientError

from changestream.aws.refusals import error_code
from changestream.core.failed_batch import EventRecord, StreamKind
from changestream.wire import lambda_event
from streamctl.reading.shards import ListedShard
from streamctl.reading.streams import Stream, shards_of
from streamctl.stack import Stack

READS_PER_SECOND = 1.0
"""The share of this reader in each shard. A shard takes five GetRecords calls a second from all its readers (Kinesis
API reference, ``GetRecords``), and the consumers need theirs; a shard of DynamoDB Streams bears two readers."""

THROTTLED_SECONDS = 1.0
"""How much longer than usual a shard is left alone after it was throttled."""

LISTING_SECONDS = 10.0
EMPTY_PAGES_AT_TIP = 10
"""DynamoDB Streams does not say that a reader is at the tip; so many empty pages in a row of an open shard say it."""

THROTTLED = frozenset({"ProvisionedThroughputExceededException", "LimitExceededException", "ThrottlingException"})
EXPIRED = frozenset({"ExpiredIteratorException", "TrimmedDataAccessException"})


@dataclass(frozen=True, slots=True)
class Start:
    """Where to begin: at the oldest record, at the newest, or (``since``, in epoch seconds) at a time.

    A reader that stops at the tip has read enough of a shard once it meets a record from after ``until``.
    """

    horizon: bool = False
    since: float | None = None
    until: float = inf


@dataclass(slots=True)
class Cursor:
    """Where a shard is read on; ``iterator`` is ``None`` once its end is reached."""

    shard: ListedShard
    iterator: str | None
    due_at: float = 0.0
    last: str | None = None
    empty_pages: int = 0
    at_tip: bool = False

    @property
    def is_done(self) -> bool:
        """Whether all that the shard has now is read."""
        return self.at_tip or self.iterator is None


@dataclass(slots=True)
class Follow:
    """Reads the shards of a stream by turns, a parent to its end before its children.

    Each shard is read at most ``reads_per_second`` times a second, however full its pages are. ``clock`` counts
    seconds from anywhere, ``now`` is in epoch seconds.
    """

    stack: Stack
    stream: Stream
    start: Start
    reads_per_second: float = READS_PER_SECOND
    pause: Callable[[float], None] = sleep
    clock: Callable[[], float] = monotonic
    now: Callable[[], float] = time
    _cursors: dict[str, Cursor] = field(default_factory=dict)
    _listed_at: float = 0.0
    _begun: bool = False
    _began_at: float = 0.0

    def pages(self, *, stop_at_tip: bool = False) -> Iterator[tuple[str, list[EventRecord]]]:
        """Give (shard id, records) without end or, with ``stop_at_tip``, until every shard is read to its newest."""
        self._began_at = float(int(self.now()))
        self._list()
        while not (stop_at_tip and all(each.is_done for each in self._cursors.values())):
            cursor = self._next(stop_at_tip)
            records = self._read(cursor) if cursor else []
            if cursor and records:
                yield cursor.shard.shard_id, records
            if (cursor and cursor.iterator is None) or self.clock() - self._listed_at >= LISTING_SECONDS:
                self._list()

    def _next(self, stop_at_tip: bool) -> Cursor | None:
        """Wait until a shard may be read again and return it; ``None`` if there is nothing to read but the listing."""
        readable = [
            each for each in self._cursors.values() if each.iterator is not None and not (stop_at_tip and each.at_tip)
        ]
        cursor = min(readable, key=lambda each: each.due_at, default=None)
        wait = (cursor.due_at if cursor else self._listed_at + LISTING_SECONDS) - self.clock()
        if wait > 0:
            self.pause(wait)
        if cursor:
            cursor.due_at = self.clock() + 1 / self.reads_per_second
        return cursor

    def _list(self) -> None:
        """Take up the shards whose parents are read to their ends, generation by generation."""
        listed = {shard.shard_id: shard for shard in shards_of(self.stack, self.stream)}
        while due := [shard for shard in listed.values() if self._is_due(shard, listed)]:
            for shard in due:
                self._cursors[shard.shard_id] = Cursor(shard, self._first_iterator(shard))
        self._begun, self._listed_at = True, self.clock()

    def _is_due(self, shard: ListedShard, listed: Mapping[str, ListedShard]) -> bool:
        if shard.shard_id in self._cursors:
            return False
        parents = [self._cursors.get(parent) for parent in shard.parents if parent in listed]
        return all(parent is not None and parent.iterator is None for parent in parents)

    def _first_iterator(self, shard: ListedShard) -> str | None:
        from_now_on = not self.start.horizon and self.start.since is None
        if self._begun or not from_now_on:
            return self._iterator(shard, "TRIM_HORIZON")
        return self._iterator(shard, "LATEST") if shard.is_open else None

    def _iterator(self, shard: ListedShard, kind: str, after: str | None = None) -> str:
        of_table = self.stream.kind is StreamKind.DYNAMODB
        request: dict[str, Any] = {"ShardId": shard.shard_id, "ShardIteratorType": kind}
        if after:
            request["SequenceNumber" if of_table else "StartingSequenceNumber"] = after
        elif kind == "TRIM_HORIZON" and self.start.since is not None and not of_table:
            moment = datetime.fromtimestamp(self.start.since, UTC)
            request |= {"ShardIteratorType": "AT_TIMESTAMP", "Timestamp": moment}
        if of_table:
            client = self.stack.client("dynamodbstreams")
            answer = client.get_shard_iterator(StreamArn=self.stream.arn, **request)
        else:
            answer = self.stack.client("kinesis").get_shard_iterator(StreamARN=self.stream.arn, **request)
        return str(answer["ShardIterator"])

    def _read(self, cursor: Cursor) -> list[EventRecord]:
        try:
            answer = self._page(cursor)
        except ClientError as error:
            if error_code(error) in THROTTLED:
                cursor.due_at += THROTTLED_SECONDS
                return []
            if error_code(error) not in EXPIRED:
                raise
            self._begin_anew(cursor, trimmed=error_code(error) == "TrimmedDataAccessException")
            return []
        records = [self._as_delivered(cursor.shard, record) for record in answer["Records"]]
        cursor.iterator = answer.get("NextShardIterator")
        cursor.empty_pages = 0 if records else cursor.empty_pages + 1
        behind = answer.get("MillisBehindLatest")
        cursor.at_tip = behind == 0 if behind is not None else cursor.empty_pages >= EMPTY_PAGES_AT_TIP
        if records:
            cursor.last = lambda_event.sequence_number(records[-1])
            arrived = _arrived_at(records[-1])
            cursor.at_tip = cursor.at_tip or (arrived is not None and arrived > self.start.until)
        return [record for record in records if self._is_wanted(record)]

    def _begin_anew(self, cursor: Cursor, *, trimmed: bool) -> None:
        """Take another iterator for one that was kept too long, or whose records are gone."""
        after = None if trimmed else cursor.last
        if after is None and not self.start.horizon and self.start.since is None:
            self.start = Start(since=self._began_at)
        cursor.iterator = self._iterator(cursor.shard, "AFTER_SEQUENCE_NUMBER" if after else "TRIM_HORIZON", after)

    def _page(self, cursor: Cursor) -> Mapping[str, Any]:
        if self.stream.kind is StreamKind.DYNAMODB:
            found: dict[str, Any] = self.stack.client("dynamodbstreams").get_records(ShardIterator=cursor.iterator)
        else:
            found = self.stack.client("kinesis").get_records(ShardIterator=cursor.iterator, StreamARN=self.stream.arn)
        return found

    def _as_delivered(self, shard: ListedShard, record: Mapping[str, Any]) -> EventRecord:
        if self.stream.kind is StreamKind.DYNAMODB:
            return lambda_event.table_stream_record(record, self.stream.arn)
        return lambda_event.kinesis_record(record, self.stream.arn, shard.shard_id, "")

    def _is_wanted(self, record: EventRecord) -> bool:
        """Tell whether a record is of the time asked for: a table's stream has no iterator of a time."""
        if self.start.since is None or "dynamodb" not in record:
            return True
        arrived = _arrived_at(record)
        return arrived is None or arrived >= self.start.since


def _arrived_at(record: EventRecord) -> float | None:
    """Return when a record came into its stream, in epoch seconds. Return ``None`` if the service left the time out."""
    of_table = "dynamodb" in record
    body = record["dynamodb" if of_table else "kinesis"]
    arrived = body.get("ApproximateCreationDateTime" if of_table else "approximateArrivalTimestamp")
    return None if arrived is None else float(arrived)
