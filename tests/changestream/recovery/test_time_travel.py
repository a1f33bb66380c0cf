"""Whatever happens to a stream while it is recovered from, each record is applied, parked or reported as gone."""

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from changestream.core.failed_batch import StreamKind
from mutations import fuzzed

from .time_travel import DAY, HOUR, START, Event, Journey, leap, roll, split, throttle

BOTH = pytest.mark.parametrize("kind", list(StreamKind))
GONE = {"expired", "shard_gone", "stream_gone"}


def assert_nothing_is_lost(journey: Journey, first: int = 0) -> None:
    """Each record is applied, parked with its payload, or within what is reported as gone: and gone it is, then."""
    poison = {journey.numbers[n] for n in journey.poison}
    settled = journey.applied | journey.parked()
    unaccounted = [int(number) for number in journey.numbers[first:] if number not in settled]
    missing = journey.missing()
    assert {reason for reason, _, _ in missing} <= GONE
    assert [n for n in unaccounted if not any(first <= n <= last for _, first, last in missing)] == []
    assert journey.applied.isdisjoint(poison)
    assert journey.parked() <= poison


@BOTH
def test_a_recovery_in_good_time_applies_everything(kind: StreamKind) -> None:
    journey = Journey(kind)
    journey.now = START + 6 * HOUR

    journey.recover(journey.message())

    assert journey.applied == set(journey.numbers)
    assert journey.documents() == []


@BOTH
@pytest.mark.parametrize("call", range(14))
def test_iterators_that_expire_between_any_two_calls_cost_nothing(kind: StreamKind, call: int) -> None:
    journey = Journey(kind, plan={call: [leap(20 * 60)]})
    journey.now = START + 6 * HOUR

    journey.recover(journey.message())

    assert journey.applied == set(journey.numbers)
    assert journey.documents() == []


@BOTH
@pytest.mark.parametrize("close", [roll, split])
@pytest.mark.parametrize("call", [0, 2, 4])
def test_a_shard_that_closes_while_it_is_read_is_read_to_its_end(kind: StreamKind, close: Event, call: int) -> None:
    journey = Journey(kind, plan={call: [close]})
    journey.now = START + 6 * HOUR

    journey.recover(journey.message())

    assert journey.applied == set(journey.numbers)
    assert journey.documents() == []


@pytest.mark.parametrize("call", range(16))
@pytest.mark.parametrize("trimmed", [1, 4, 7, 12])
def test_a_table_stream_that_trims_between_any_two_calls_leaves_a_gap_of_exactly_what_is_gone(
    call: int, trimmed: int
) -> None:
    journey = Journey(StreamKind.DYNAMODB, plan={call: [leap(trimmed * 60 - 1)]})
    journey.now = START + DAY

    journey.recover(journey.message())

    assert_nothing_is_lost(journey)
    lost = {int(number) for number in journey.numbers} - {int(number) for number in journey.applied}
    assert lost == {int(n) for n in journey.numbers if within(int(n), journey.missing()) and n not in journey.applied}


@pytest.mark.parametrize("call", range(16))
@pytest.mark.parametrize("trimmed", [1, 4, 7, 12])
def test_a_kinesis_stream_that_trims_in_silence_leaves_no_gap_in_silence(call: int, trimmed: int) -> None:
    journey = Journey(StreamKind.KINESIS, plan={call: [leap(trimmed * 60 - 1)]})
    journey.now = START + DAY

    journey.recover(journey.message())

    assert_nothing_is_lost(journey)


@pytest.mark.parametrize("answer", [None, "InvalidArgumentException", "ResourceNotFoundException"])
@pytest.mark.parametrize("trimmed", [1, 7, 11])
def test_a_kinesis_range_whose_start_is_trimmed_is_recovered_from_the_oldest_record_on(
    answer: str | None, trimmed: int
) -> None:
    journey = Journey(StreamKind.KINESIS, trimmed_answer=answer)
    journey.now = START + DAY + trimmed * 60 - 1

    journey.recover(journey.message())

    assert journey.applied == set(journey.numbers[trimmed:])
    ((reason, first, last),) = journey.missing()
    assert (reason, first, last) == ("expired", int(journey.numbers[0]), int(journey.numbers[trimmed]))


@BOTH
def test_what_was_secured_is_applied_although_the_stream_has_trimmed_it_since(kind: StreamKind) -> None:
    journey = Journey(kind)
    journey.now = START + 23 * HOUR
    journey.on_delivery = lambda: leap(2 * DAY)(journey)

    journey.recover(journey.message())

    assert journey.applied == set(journey.numbers)
    assert journey.missing() == []


LEAPS = [leap(seconds) for seconds in (1, 59, 6 * 60, 20 * 60, 2 * HOUR)]
EVENTS: Sequence[Event] = (*LEAPS, throttle, throttle, roll, split)


@BOTH
@fuzzed(40)
@given(
    plan=st.dictionaries(st.integers(0, 40), st.lists(st.sampled_from(EVENTS), min_size=1, max_size=3), max_size=12),
    hours=st.floats(1, 25),
    poison=st.frozensets(st.integers(0, 11), max_size=3),
    first=st.integers(0, 11),
)
def test_whatever_happens_between_whichever_calls_nothing_is_lost_in_silence(
    kind: StreamKind, plan: dict[int, list[Event]], hours: float, poison: frozenset[int], first: int
) -> None:
    journey = Journey(kind, apart=600, plan=plan, poison=poison)
    journey.now = max(journey.now, START + hours * HOUR)

    journey.recover(journey.message(first))

    assert_nothing_is_lost(journey, first)


def within(number: int, missing: Sequence[tuple[str, int, int]]) -> bool:
    return any(first <= number <= last for _, first, last in missing)
