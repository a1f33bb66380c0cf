"""The change that a person asks about: given by its number, its event's id, or its item."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from time import monotonic

from botocore.exceptions import ClientError

from changestream.aws.refusals import error_code
from changestream.core.change import Change
from changestream.core.failed_batch import StreamKind
from changestream.wire import lambda_event
from streamctl.exits import Exit, Trouble
from streamctl.explaining.kept import from_parked, newest_revision, revision_of
from streamctl.images import key_text
from streamctl.reading.following import Follow, Start
from streamctl.reading.seen import Seen, seen
from streamctl.reading.shards import Shard
from streamctl.reading.streams import Stream, StreamName, shards_of, stream_of
from streamctl.stack import Stack

NUMBER = re.compile(r"(?:(?P<shard>shardId-[\w-]+):)?(?P<number>\d{15,60})", re.ASCII)
"""A sequence number, by itself or as Lambda's event id of a Kinesis record has it."""

KINESIS_DIGITS = 50
"""A sequence number of Kinesis has 56 digits, one of DynamoDB Streams 40 at most."""

SCAN_SECONDS = 60
UNKNOWN_NUMBER = frozenset({
    "ValidationException", "InvalidArgumentException", "TrimmedDataAccessException", "ResourceNotFoundException",
})  # fmt: skip


@dataclass(frozen=True, slots=True)
class Subject:
    """One change as its streams have it. A change of a task is in two of them: ``of_table``, and as ``captured``.

    ``None`` where it could not be found: it is trimmed, or not captured yet.
    """

    asked: str
    of_table: Seen | None = None
    captured: Seen | None = None
    of_ledger: Seen | None = None

    @property
    def sightings(self) -> list[Seen]:
        """Where it was seen."""
        return [each for each in (self.of_table, self.captured, self.of_ledger) if each]

    @property
    def change(self) -> Change | None:
        """Return the change, ``None`` if no record of it can be understood."""
        return next((each.change for each in self.sightings if each.change), None)


class Search:
    """Looks for a change in the streams, within a bounded time."""

    def __init__(self, stack: Stack, say: Callable[[str], None]) -> None:
        self._stack = stack
        self._say = say

    def find(self, asked: str) -> Subject:
        """Return the change. Raises ``Trouble`` where no stream has it any more, and nothing kept it either."""
        numbered = NUMBER.fullmatch(asked)
        found = self._by_number(numbered["number"], numbered["shard"]) if numbered else self._by_name(asked)
        if found is None:
            raise Trouble(
                Exit.MISSING,
                f"no stream has {asked}, nor is it parked or in the history",
                "It is trimmed, not written yet, or of another stack.",
            )
        return self._both(_subject(asked, found))

    def _by_number(self, number: str, shard_id: str | None) -> Seen | None:
        names = (StreamName.CHANGES, StreamName.LEDGER) if len(number) >= KINESIS_DIGITS else (StreamName.TABLE,)
        for stream in (stream_of(self._stack, name) for name in names):
            for shard in shards_of(self._stack, stream):
                if shard_id in (None, shard.shard_id) and _may_hold(shard, int(number)):
                    found = self._at(stream, shard, number)
                    if found:
                        return found[-1]
        return from_parked(self._stack, number)

    def _at(self, stream: Stream, shard: Shard, number: str) -> list[Seen]:
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
        return [each for each in seen(stream.name, shard.shard_id, records) if each.sequence_number == number]

    def _by_name(self, asked: str) -> Seen | None:
        """Return the newest change of an item, or the one with an event id, whichever stream has it."""
        for name in StreamName:
            newest: Seen | None = None
            for each in self._scan(name, Start(horizon=True)):
                change = each.change
                if change and change.event_id == asked:
                    return each
                if change and key_text(change.keys) == asked and _is_newer(change, newest):
                    newest = each
            if newest:
                return newest
        return newest_revision(self._stack, asked)

    def _both(self, subject: Subject) -> Subject:
        """Find the change's other record: the same images of the same item, within the second that both agree on."""
        if subject.of_ledger or subject.change is None:
            return subject
        change, digest = subject.change, subject.change.digest()
        other = StreamName.CHANGES if subject.of_table else StreamName.TABLE
        for each in self._scan(other, Start(since=int(change.occurred_at) - 1)):
            if each.change and each.change.item == change.item and _is_same(each.change, change, digest):
                return replace(subject, captured=each) if subject.of_table else replace(subject, of_table=each)
        return replace(subject, captured=revision_of(self._stack, change)) if subject.of_table else subject

    def _scan(self, name: StreamName, start: Start) -> Iterator[Seen]:
        """Read a stream up to its newest record, for a bounded time."""
        ends = monotonic() + SCAN_SECONDS
        following = Follow(self._stack, stream_of(self._stack, name), start)
        for shard_id, records in following.pages(stop_at_tip=True):
            yield from seen(name, shard_id, records)
            if monotonic() > ends:
                self._say(f"The stream {name} was read for {SCAN_SECONDS} s, and no further.")
                return


def _subject(asked: str, found: Seen) -> Subject:
    match found.stream:
        case StreamName.TABLE:
            return Subject(asked, of_table=found)
        case StreamName.CHANGES:
            return Subject(asked, captured=found)
        case _:
            return Subject(asked, of_ledger=found)


def _may_hold(shard: Shard, number: int) -> bool:
    return int(shard.first or 0) <= number and (shard.last is None or number <= int(shard.last))


def _is_newer(change: Change, than: Seen | None) -> bool:
    return than is None or than.change is None or change.position > than.change.position


def _is_same(one: Change, other: Change, digest: bytes) -> bool:
    return abs(int(one.occurred_at) - int(other.occurred_at)) <= 1 and one.digest() == digest
