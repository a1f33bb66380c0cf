"""A range larger than memory, and what is parked of it: over a shard in memory and a function that tells."""

import json
from collections.abc import Callable, Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from builders import failure_message, sequence_number
from changestream.core.batch import FailureKind
from changestream.core.deadline import Deadline
from changestream.core.errors import OutOfTime, TransientError
from changestream.core.failed_batch import EventRecord, FailedBatch
from changestream.core.redelivery import Answer, Applied, Crashed, Refused
from changestream.recovery.batch_recovery import BatchRecovery
from changestream.recovery.consumers import RECORDS
from changestream.recovery.parking_lot import ParkingLot
from changestream.recovery.record_source import BatchReading
from changestream.recovery.record_source import sequence_number as number_of
from changestream.recovery.recovery_report import RecoveryReport
from changestream.recovery.refetch import Refetch
from changestream.recovery.shard_pace import ShardPace
from changestream.recovery.shard_reader import FetchedPage
from changestream.wire.failure_message import failed_batch

from .memory_shard import MemoryShard, number

PLENTY = Deadline(lambda: 300.0, 5.0)


class Bucket:
    """Keeps what is put into it."""

    def __init__(self) -> None:
        self.objects: dict[str, dict[str, Any]] = {}

    def put_object(self, *, Key: str, Body: bytes, **_: Any) -> dict[str, str]:  # noqa: N803 - boto3's names
        self.objects[Key] = json.loads(Body)
        return {"ETag": "etag"}


class Function:
    """Applies what it gets but for some records, which it refuses, each ``why``."""

    def __init__(self, refused: Sequence[int] = (), why: Callable[[int], str] = lambda _: "bad") -> None:
        self.refused = {int(sequence_number(n)) for n in refused}
        self.why = why
        self.applied: list[int] = []
        self.on_delivery: Callable[[], None] = lambda: None

    def deliver(self, records: Sequence[EventRecord]) -> Answer:
        self.on_delivery()
        for index, record in enumerate(records):
            if number(record) in self.refused:
                return Refused((index,), FailureKind.POISON, self.why(number(record)))
            self.applied.append(number(record))
        return Applied()


def batch(start: int, end: int, size: int = 1) -> FailedBatch:
    return failed_batch(json.dumps(failure_message(sequence_number(start), sequence_number(end), batch_size=size)))


class Answering:
    """Gives some answers, and then says that there is no time for one more delivery."""

    def __init__(self, *answers: Answer) -> None:
        self.answers = list(answers)

    def deliver(self, records: Sequence[EventRecord]) -> Answer:
        if not self.answers:
            raise OutOfTime("4.0 s left, one more delivery needs 75.0 s")
        return self.answers.pop(0)


def recover(
    shard: MemoryShard, function: Any, bucket: Bucket, of: FailedBatch, *, last_round: bool = False
) -> RecoveryReport:
    report = RecoveryReport()
    refetch = Refetch(shard, of, number_of, ShardPace(0, PLENTY, pause=lambda _: None))
    one = BatchRecovery(of, function, ParkingLot(bucket, "parked"), RECORDS, report, last_round=last_round)
    try:
        one.go_through(BatchReading(refetch.stretches(), lambda: refetch.calls), one.deliver)
    except TransientError as error:
        one.leave_the_rest(error)
    return report


class Held(dict[str, Any]):
    """A record that is counted for as long as anybody holds it."""

    now = 0

    def __init__(self, record: EventRecord) -> None:
        super().__init__(record)
        Held.now += 1

    def __del__(self) -> None:
        Held.now -= 1


class Handing(MemoryShard):
    """Hands out copies, as a service does."""

    def page(self, iterator: str, limit: int) -> FetchedPage:
        page = super().page(iterator, limit)
        return FetchedPage([Held(record) for record in page.records], page.next_iterator, page.at_tip)


def test_of_a_large_range_no_more_than_one_answer_of_the_stream_is_held_at_a_time() -> None:
    peak, function = 0, Function(refused=range(0, 3000, 3))

    def look() -> None:
        nonlocal peak
        peak = max(peak, Held.now)

    function.on_delivery = look

    report = recover(Handing(range(3000), page_limit=100), function, Bucket(), batch(0, 2999, size=3000))

    assert (report.records, report.applied, len(report.parked)) == (3000, 2000, 1000)
    assert peak == 100
    assert Held.now == 0


def test_neighbours_that_fail_for_one_reason_are_parked_together() -> None:
    bucket, function = Bucket(), Function(refused=[2, 3, 4, 6, 8, 9], why=lambda n: "odd" if n % 2 else "even")
    together = Function(refused=[2, 3, 4, 6])

    recover(MemoryShard(range(12), page_limit=100), together, bucket, batch(0, 11))
    recover(MemoryShard(range(12), page_limit=100), function, apart := Bucket(), batch(0, 11))

    assert ranges(bucket) == [(2, 4), (6, 6)]
    assert ranges(apart) == [(n, n) for n in (2, 3, 4, 6, 8, 9)]


@given(st.sets(st.integers(0, 30)), st.integers(1, 12))
def test_whatever_fails_every_record_is_applied_or_parked_in_contiguous_runs(refused: set[int], page: int) -> None:
    bucket, function = Bucket(), Function(refused=sorted(refused), why=lambda n: str(n % 2))

    recover(MemoryShard(range(31), page), function, bucket, batch(0, 30))

    parked = [n for stored in bucket.objects.values() for n in map(number, stored["payload"]["Records"])]
    assert sorted(parked) == [int(sequence_number(n)) for n in sorted(refused)]
    assert set(function.applied) == {int(sequence_number(n)) for n in range(31)} - set(parked)
    for start, end in ranges(bucket):
        assert set(range(start, end + 1)) <= refused


@pytest.mark.parametrize("answers", [1, 2, 3])
def test_a_stream_that_stops_answering_leaves_the_rest_from_where_it_was_settled(answers: int) -> None:
    class Silent(MemoryShard):
        def page(self, iterator: str, limit: int) -> FetchedPage:
            if len(self.pages_read) == answers:
                raise TransientError("throttled")
            return super().page(iterator, limit)

    function = Function()

    report = recover(Silent(range(12)), function, Bucket(), batch(0, 11, size=12))

    assert report.left
    assert report.left.start.text == sequence_number(3 * answers - 1)
    assert report.left.records == 12 - 3 * answers + 1
    assert len(function.applied) == 3 * answers


def test_a_gap_whose_report_the_bucket_refuses_is_part_of_what_is_left() -> None:
    class Refusing(Bucket):
        def put_object(self, *, Key: str, Body: bytes, **more: Any) -> dict[str, str]:  # noqa: N803
            raise TransientError("SlowDown")

    class Trimming(MemoryShard):
        def page(self, iterator: str, limit: int) -> FetchedPage:
            if len(self.pages_read) == 1:
                self.trim(before=6)
            return super().page(iterator, limit)

    report = recover(Trimming(range(12)), Function(), Refusing(), batch(0, 11, size=12))

    assert report.left
    assert report.left.start.text == sequence_number(2)


def ranges(bucket: Bucket) -> list[tuple[int, int]]:
    """The first and the last record of every object, as the n-th of the shard."""
    manifests = [stored["manifest"] for stored in bucket.objects.values()]
    first = int(sequence_number(0))
    return sorted((int(one["startSequenceNumber"]) - first, int(one["endSequenceNumber"]) - first) for one in manifests)


def test_time_outs_that_take_all_the_time_end_in_smaller_parked_pieces_and_the_untried_records_are_left() -> None:
    bucket, timed_out = Bucket(), Crashed("Task timed out after 60.00 seconds")

    report = recover(MemoryShard(range(300), page_limit=300), Answering(timed_out, timed_out), bucket, batch(0, 299))

    assert ranges(bucket) == [(0, 24), (25, 49), (50, 99)]
    assert {one["manifest"]["reason"] for one in bucket.objects.values()} == {"crash"}
    assert report.left
    assert report.left.start.text == sequence_number(100)


def test_time_outs_settle_a_message_whose_records_were_all_tried() -> None:
    bucket = Bucket()

    shard = MemoryShard(range(4), page_limit=4)
    report = recover(shard, Answering(Crashed("timed out")), bucket, batch(0, 3, size=4))

    assert report.left is None
    assert ranges(bucket) == [(0, 1), (2, 3)]


def test_an_outage_without_a_word_leaves_the_batch_until_the_last_round() -> None:
    class Down:
        def deliver(self, records: Sequence[EventRecord]) -> Answer:
            return Refused(range(len(records)), None, "no reason")

    shard, bucket = MemoryShard(range(10), page_limit=10), Bucket()
    first = recover(shard, Down(), bucket, batch(0, 9, size=10))
    assert (bucket.objects, first.left and first.left.start.text) == ({}, sequence_number(0))

    last = recover(shard, Down(), bucket, batch(0, 9, size=10), last_round=True)
    assert (ranges(bucket), last.left) == ([(0, 9)], None)
