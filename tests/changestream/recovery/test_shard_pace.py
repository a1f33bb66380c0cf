"""How fast a shard is read: under a clock that moves on when somebody waits."""

from itertools import pairwise

import pytest

from changestream.core.deadline import Deadline
from changestream.core.errors import OutOfTime
from changestream.recovery.refetch import Refetch
from changestream.recovery.shard_pace import ShardPace
from changestream.recovery.shard_reader import FetchedPage

from .memory_shard import MemoryShard, batch_of, of_record

PLENTY = Deadline(lambda: 300.0, 5.0)


class Times:
    """A clock that moves on when somebody waits, and the times at which a shard was read."""

    def __init__(self, shard: MemoryShard) -> None:
        self.now = 1000.0
        self.read_at: list[float] = []
        self._page = shard.page
        shard.page = self._read  # type: ignore[method-assign]

    def _read(self, iterator: str, limit: int) -> FetchedPage:
        self.read_at.append(self.now)
        return self._page(iterator, limit)

    def pause(self, seconds: float) -> None:
        self.now += seconds


def test_empty_pages_are_read_at_the_pace_of_a_mapping() -> None:
    shard = MemoryShard(range(9))
    shard.empty_pages = 30
    times = Times(shard)

    pace = ShardPace(1.0, PLENTY, lambda: times.now, times.pause)
    list(Refetch(shard, batch_of(0, 8), of_record, pace).stretches())

    assert len(times.read_at) == 93
    assert all(later - earlier >= 1.0 for earlier, later in pairwise(times.read_at))


def test_a_silent_shard_is_read_until_the_time_runs_out_and_no_longer() -> None:
    shard = MemoryShard(range(5), closed=False)
    times = Times(shard)
    deadline = Deadline(lambda: 1030.0 - times.now, 0.0)

    with pytest.raises(OutOfTime):
        list(
            Refetch(
                shard, batch_of(2, 9), of_record, ShardPace(1.0, deadline, lambda: times.now, times.pause)
            ).stretches()
        )

    assert times.now <= 1030.0


def test_a_clock_that_is_set_back_delays_no_read_for_longer() -> None:
    shard = MemoryShard(range(9))
    times = Times(shard)
    clock = iter([1000.0, *[10.0] * 100])

    list(
        Refetch(shard, batch_of(0, 8), of_record, ShardPace(1.0, PLENTY, lambda: next(clock), times.pause)).stretches()
    )

    assert times.now <= 1010.0
