from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from builders import sequence_number
from changestream.core.deadline import Deadline
from changestream.core.errors import ChangestreamError, OutOfTime, RecordsExpired, SourceGone, TransientError
from changestream.core.failed_batch import EventRecord
from changestream.core.sequence_number import SequenceNumber
from changestream.recovery.refetch import EMPTY_PAGES_BORNE, Gap, Refetch
from changestream.recovery.shard_pace import REFUSALS_BORNE, ShardPace
from changestream.recovery.shard_reader import TRIM_HORIZON, ExpiredIterator, FetchedPage, SequenceNumberRefused

from .memory_shard import MemoryShard, batch_of, of_record

PLENTY = Deadline(lambda: 300.0, 5.0)


@dataclass
class Refetched:
    """All that came of a range."""

    records: list[EventRecord]
    gaps: list[Gap]
    calls: int


def refetch(shard: MemoryShard, start: int, end: int, deadline: Deadline = PLENTY) -> Refetched:
    reading = Refetch(shard, batch_of(start, end), of_record, ShardPace(1.0, deadline, pause=lambda _: None))
    stretches = list(reading.stretches())
    records = [record for stretch in stretches for record in stretch.records]
    return Refetched(records, [gap for stretch in stretches for gap in stretch.gaps], reading.calls)


def numbers(result: Refetched) -> list[str]:
    return [record["dynamodb"]["SequenceNumber"] for record in result.records]


def spelled(*range_: int) -> list[str]:
    return [sequence_number(n) for n in range_]


def test_the_range_is_read_over_several_pages_and_not_one_record_more() -> None:
    shard = MemoryShard(range(20))

    result = refetch(shard, 4, 11)

    assert numbers(result) == spelled(*range(4, 12))
    assert result.gaps == []


def test_a_range_of_one_record_is_read_alone() -> None:
    shard = MemoryShard(range(20))

    result = refetch(shard, 4, 4)

    assert numbers(result) == spelled(4)
    assert shard.pages_read == [1]


@pytest.mark.parametrize(("page_limit", "pages"), [(1_000, 10), (10_000, 1)])
def test_ten_thousand_records_take_as_few_calls_as_the_page_limit_allows(page_limit: int, pages: int) -> None:
    shard = MemoryShard(range(10_500), page_limit)

    result = refetch(shard, 100, 10_099)

    assert len(result.records) == 10_000
    assert result.calls == 1 + pages


def test_empty_pages_are_passed_over() -> None:
    shard = MemoryShard(range(9))
    shard.empty_pages = 5

    assert numbers(refetch(shard, 0, 8)) == spelled(*range(9))


def test_an_expired_iterator_is_taken_anew_after_the_last_record_read() -> None:
    shard = MemoryShard(range(9))
    shard.expire_after = 2

    assert numbers(refetch(shard, 0, 8)) == spelled(*range(9))


def test_an_iterator_that_expires_before_the_first_page_begins_again_at_the_start() -> None:
    shard = MemoryShard(range(9))
    shard.expire_after = 0

    assert numbers(refetch(shard, 2, 8)) == spelled(*range(2, 9))


def test_throttled_reads_are_tried_again() -> None:
    shard = MemoryShard(range(5))
    shard.refusals = REFUSALS_BORNE

    assert numbers(refetch(shard, 0, 4)) == spelled(*range(5))


def test_reads_that_stay_throttled_give_way() -> None:
    shard = MemoryShard(range(5))
    shard.refusals = REFUSALS_BORNE + 1

    with pytest.raises(TransientError, match="throttled"):
        refetch(shard, 0, 4)


@pytest.mark.parametrize("seconds", [1.0, 3.0, 6.0])  # less than the shortest pauses in all
def test_throttled_reads_back_off_within_the_time_that_remains(seconds: float) -> None:
    shard = MemoryShard(range(5))
    shard.refusals = REFUSALS_BORNE
    left = seconds

    def pause(for_seconds: float) -> None:
        nonlocal left
        left -= for_seconds

    reading = Refetch(shard, batch_of(0, 4), of_record, ShardPace(1.0, Deadline(lambda: left, 0.0), pause=pause))

    with pytest.raises(OutOfTime):
        list(reading.stretches())
    assert left > 0


def test_a_trimmed_beginning_is_a_gap_and_the_rest_is_read() -> None:
    shard = MemoryShard(range(10))
    shard.trim(before=3)

    result = refetch(shard, 0, 5)

    assert numbers(result) == spelled(3, 4, 5)
    assert result.gaps == [Gap(None, SequenceNumber.parse(sequence_number(3)))]


def test_a_range_that_is_trimmed_whole_is_one_gap() -> None:
    shard = MemoryShard(range(10))
    shard.trim(before=7)

    result = refetch(shard, 0, 5)

    assert (result.records, result.gaps) == ([], [Gap(None, None)])


def test_records_trimmed_while_the_range_is_read_are_a_gap_in_its_middle() -> None:
    class Trimming(MemoryShard):
        def page(self, iterator: str, limit: int):  # type: ignore[no-untyped-def]
            if len(self.pages_read) == 1:
                self.trim(before=6)
            return super().page(iterator, limit)

    shard = Trimming(range(10))

    result = refetch(shard, 0, 8)

    assert numbers(result) == spelled(0, 1, 2, 6, 7, 8)
    assert result.gaps == [Gap(*map(SequenceNumber.parse, spelled(2, 6)))]


def test_a_range_whose_end_never_comes_is_a_gap_at_its_end() -> None:
    result = refetch(MemoryShard(range(5)), 2, 9)

    assert numbers(result) == spelled(2, 3, 4)
    assert result.gaps == [Gap(SequenceNumber.parse(sequence_number(4)), None)]


def test_an_open_shard_that_stays_silent_proves_no_gap() -> None:
    shard = MemoryShard(range(5), closed=False)

    with pytest.raises(TransientError, match="empty pages"):
        refetch(shard, 2, 9)

    assert len(shard.pages_read) < EMPTY_PAGES_BORNE + 10


class Unknown(MemoryShard):
    """A shard that answers ``error`` for a trimmed sequence number, at once or when it is read."""

    def __init__(self, error: type[ChangestreamError], *, when_read: bool) -> None:
        super().__init__(range(10), closed=False)
        self.error = error
        self.when_read = when_read
        self.trim(before=3)

    def iterator(self, iterator_type: str, sequence_number: str | None = None) -> str:
        if iterator_type == TRIM_HORIZON:
            return super().iterator(iterator_type)
        if int(sequence_number or "") < self.horizon and not self.when_read:
            raise self.error("trimmed")
        return str(sequence_number)

    def page(self, iterator: str, limit: int) -> FetchedPage:
        if int(iterator) < self.horizon:
            raise self.error("trimmed")
        return super().page(iterator, limit)


@pytest.mark.parametrize("when_read", [False, True], ids=["by GetShardIterator", "by GetRecords"])
@pytest.mark.parametrize("error", [RecordsExpired, SequenceNumberRefused, SourceGone])
def test_a_trimmed_start_costs_only_what_is_trimmed_in_whichever_way_it_is_refused(
    error: type[ChangestreamError], when_read: bool
) -> None:
    result = refetch(Unknown(error, when_read=when_read), 0, 5)

    assert numbers(result) == spelled(3, 4, 5)
    assert result.gaps == [Gap(None, SequenceNumber.parse(sequence_number(3)))]


@pytest.mark.parametrize("at_tip", [False, True])
def test_a_trimmed_start_from_which_nothing_comes_is_read_from_the_oldest_record(at_tip: bool) -> None:
    class Silent(MemoryShard):
        def iterator(self, iterator_type: str, sequence_number: str | None = None) -> str:
            return super().iterator(iterator_type) if iterator_type == TRIM_HORIZON else "0"

        def page(self, iterator: str, limit: int) -> FetchedPage:
            return FetchedPage([], "0", at_tip=at_tip) if iterator == "0" else super().page(iterator, limit)

    shard = Silent(range(10), closed=False)
    shard.trim(before=3)

    result = refetch(shard, 0, 5)

    assert numbers(result) == spelled(3, 4, 5)
    assert result.gaps == [Gap(None, SequenceNumber.parse(sequence_number(3)))]


def test_iterators_that_expire_one_after_the_other_give_way() -> None:
    class Expiring(MemoryShard):
        def page(self, iterator: str, limit: int) -> FetchedPage:
            raise ExpiredIterator("expired")

    with pytest.raises(TransientError, match="iterators in a row"):
        refetch(Expiring(range(5)), 0, 4)


def test_refetching_ends_before_the_time_does() -> None:
    with pytest.raises(OutOfTime):
        refetch(MemoryShard(range(5)), 0, 4, Deadline(lambda: 5.0, 5.0))


@given(
    st.sets(st.integers(0, 60), min_size=2, max_size=40),
    st.integers(1, 7),
    st.integers(0, 3),
    st.none() | st.integers(0, 4),
    st.integers(0, REFUSALS_BORNE),
    st.data(),
)
def test_whatever_the_pages_are_like_the_range_comes_back_exactly(
    drawn: set[int], page_limit: int, empty_pages: int, expire_after: int | None, refusals: int, data: st.DataObject
) -> None:
    present = sorted(drawn)
    start, end = sorted(data.draw(st.tuples(st.sampled_from(present), st.sampled_from(present))))
    shard = MemoryShard(present, page_limit)
    shard.empty_pages, shard.expire_after, shard.refusals = empty_pages, expire_after, refusals

    result = refetch(shard, start, end)

    assert numbers(result) == spelled(*(n for n in present if start <= n <= end))
    assert result.gaps == []
