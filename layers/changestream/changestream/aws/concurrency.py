"""Independent pieces of work side by side, none of them past the deadline."""

from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache, partial
from itertools import count
from threading import Event

from changestream.core.batch import FailureKind
from changestream.core.deadline import Deadline
from changestream.core.errors import OutOfTime, PoisonRecord, TransientError, Unprocessable

WORKERS = 16
"""Threads, and no more connections than a client keeps: most of a call is waiting."""

OUT_OF_TIME = "the invocation's time ran out"


@dataclass(frozen=True, slots=True)
class Done[Result]:
    """The piece was carried out."""

    result: Result


@dataclass(frozen=True, slots=True)
class NotDone:
    """The piece was not carried out, or nobody can tell: it has to be delivered again."""

    kind: FailureKind
    reason: str


def side_by_side[Unit, Result](
    units: Sequence[Unit], work: Callable[[Unit], Result], deadline: Deadline, workers: int = WORKERS
) -> list[Done[Result] | NotDone]:
    """Carry out ``work`` on each unit, at most ``workers`` at a time; return how each ended, in the order of the units.

    Only the errors that ``core.errors`` names end as ``NotDone``; any other is a fault of the program and is raised.
    Work still under way at the deadline is left to itself: its writes are guarded, so finishing late does no harm.
    """
    if not units:
        return []
    endings: list[Done[Result] | NotDone] = [NotDone(FailureKind.OUT_OF_TIME, OUT_OF_TIME)] * len(units)
    if not deadline.seconds_left():
        return endings
    places, ended = iter(range(len(units))), count(1)  # for all threads: a place is taken once, an ending counted once
    faults: list[BaseException] = []
    over = Event()

    def work_off() -> None:
        try:
            for place in places:
                endings[place] = attempt(partial(work, units[place]))
                if next(ended) == len(units):
                    over.set()
        except BaseException as fault:
            faults.append(fault)
            over.set()

    for _ in range(min(workers, len(units))):
        threads().submit(work_off)
    over.wait(deadline.seconds_left())
    deque(places, maxlen=0)  # nothing more is begun
    if faults:
        raise faults[0]
    return list(endings)


@cache
def threads() -> ThreadPoolExecutor:
    """Return the threads, which outlive an invocation: to start them costs as much as a batch does otherwise."""
    return ThreadPoolExecutor(WORKERS)


def attempt[Result](work: Callable[[], Result]) -> Done[Result] | NotDone:
    """Carry out one piece of work; return how it ended, and raise what ``side_by_side`` would."""
    try:
        return Done(work())
    except (PoisonRecord, Unprocessable) as error:
        return NotDone(FailureKind.POISON, error.reason)
    except TransientError as error:
        return NotDone(FailureKind.UNAVAILABLE, error.reason)
    except OutOfTime as error:
        return NotDone(FailureKind.OUT_OF_TIME, error.reason)
