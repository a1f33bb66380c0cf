"""The log of a shard: what it was given, in order, from any place in it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from local_aws.shard_log import Entry, ShardLog


def log_of(numbers: list[int]) -> ShardLog:
    """A log with these sequence numbers, one a second, ten bytes each."""
    log = ShardLog(starting_sequence_number=1)
    for at, number in enumerate(numbers):
        log.append(Entry(number, float(at), 10, {}))
    return log


def numbers_of(page: list[Entry]) -> list[int]:
    return [entry.sequence_number for entry in page]


increasing = st.lists(st.integers(1, 10**30), unique=True).map(sorted)


@given(increasing, st.integers(0, 10**30), st.integers(1, 10))
def test_reading_goes_on_behind_any_number(numbers: list[int], after: int, limit: int) -> None:
    page = log_of(numbers).read(after, limit, most_bytes=10**6)

    assert numbers_of(page) == [number for number in numbers if number > after][:limit]


@given(increasing, st.floats(-1, 50))
def test_trimming_forgets_what_came_before_an_instant_and_nothing_else(numbers: list[int], before: float) -> None:
    log = log_of(numbers)

    log.trim(before)

    kept = [number for at, number in enumerate(numbers) if at >= before]
    assert numbers_of(log.read(0, 1000, 10**6)) == kept
    assert log.horizon < min(kept, default=10**31)


@given(increasing, st.floats(-1, 50))
def test_a_time_is_the_place_before_the_first_arrival_at_or_after_it(numbers: list[int], timestamp: float) -> None:
    log = log_of(numbers)

    page = log.read(log.before(timestamp), 1000, 10**6)

    assert numbers_of(page) == [number for at, number in enumerate(numbers) if at >= timestamp]


def test_a_page_holds_one_entry_however_large() -> None:
    log = log_of([1, 2, 3])

    assert numbers_of(log.read(0, 10, most_bytes=5)) == [1]
    assert numbers_of(log.read(0, 10, most_bytes=20)) == [1, 2]


@pytest.mark.parametrize("number", [2, 1])
def test_numbers_only_grow(number: int) -> None:
    log = log_of([1, 2])

    with pytest.raises(ValueError, match="cannot follow"):
        log.append(Entry(number, 9.0, 10, {}))


def test_a_closed_log_takes_nothing_more() -> None:
    log = log_of([1, 2])

    log.close()

    assert log.closing_sequence_number == 2
    with pytest.raises(ValueError, match="cannot follow"):
        log.append(Entry(3, 9.0, 10, {}))
