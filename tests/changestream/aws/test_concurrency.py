import threading

import pytest

from changestream.aws.concurrency import OUT_OF_TIME, WORKERS, Done, NotDone, side_by_side
from changestream.core.batch import FailureKind
from changestream.core.deadline import Deadline
from changestream.core.errors import TransientError

ENDLESS = Deadline(lambda: 60.0, 0.0)


def test_every_unit_is_worked_on_once_and_ends_in_its_place() -> None:
    units = list(range(10 * WORKERS))
    worked: list[int] = []

    def work(unit: int) -> int:
        worked.append(unit)
        if unit % 7 == 3:
            raise TransientError(f"unit {unit}")
        return unit * unit

    endings = side_by_side(units, work, ENDLESS)

    assert sorted(worked) == units
    assert endings == [
        NotDone(FailureKind.UNAVAILABLE, f"unit {unit}") if unit % 7 == 3 else Done(unit * unit) for unit in units
    ]


def test_as_many_units_are_under_way_at_once_as_there_are_workers() -> None:
    all_there = threading.Barrier(WORKERS)

    endings = side_by_side(range(WORKERS), lambda _: all_there.wait(10), ENDLESS)

    assert sorted(ending.result for ending in endings if isinstance(ending, Done)) == list(range(WORKERS))


def test_a_fault_of_the_program_is_raised_and_nothing_more_is_begun() -> None:
    begun: list[int] = []

    def work(unit: int) -> None:
        begun.append(unit)
        raise RuntimeError("a fault")

    with pytest.raises(RuntimeError, match="a fault"):
        side_by_side(range(10 * WORKERS), work, ENDLESS)

    assert len(begun) <= WORKERS


def test_what_is_still_under_way_at_the_deadline_is_not_done_and_nothing_more_is_begun() -> None:
    release, begun = threading.Event(), []
    looks = iter((60.0, 0.0))

    def work(unit: int) -> None:
        begun.append(unit)
        release.wait(10)

    endings = side_by_side(range(10 * WORKERS), work, Deadline(lambda: next(looks), 0.0))
    release.set()

    assert endings == [NotDone(FailureKind.OUT_OF_TIME, OUT_OF_TIME)] * (10 * WORKERS)
    assert len(begun) <= WORKERS
