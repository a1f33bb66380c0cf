"""Independent pieces of work side by side, none of them past the deadline."""

from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass

from changestream.core.batch import FailureKind
from changestream.core.deadline import Deadline
from changestream.core.errors import OutOfTime, PoisonRecord, TransientError, Unprocessable

WORKERS = 8
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
    units: Sequence[Unit], work: Callable[[Unit], Result], deadline: Deadline
) -> list[Done[Result] | NotDone]:
    """Carry out ``work`` on each unit and return how each ended, in the order of the units.

    Only the errors that ``core.errors`` names end as ``NotDone``; any other is a fault of the program and is raised.
    Work still under way at the deadline is left to itself: its writes are guarded, so finishing late does no harm.
    """
    if not units:
        return []
    if not deadline.seconds_left():
        return [NotDone(FailureKind.OUT_OF_TIME, OUT_OF_TIME)] * len(units)
    pool = ThreadPoolExecutor(max_workers=min(WORKERS, len(units)))
    try:
        futures = [pool.submit(work, unit) for unit in units]
        wait(futures, timeout=deadline.seconds_left())
        return [_ending(future) for future in futures]
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


def _ending[Result](future: Future[Result]) -> Done[Result] | NotDone:
    if not future.done():
        return NotDone(FailureKind.OUT_OF_TIME, OUT_OF_TIME)
    return attempt(future.result)


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
