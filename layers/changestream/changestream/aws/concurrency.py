"""Independent pieces of work side by side, none of them past the deadline."""

from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait
from dataclasses import dataclass

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
    units: Sequence[Unit], work: Callable[[Unit], Result], deadline: Deadline
) -> list[Done[Result] | NotDone]:
    """Carry out ``work`` on each unit and return how each ended, in the order of the units.

    Only the errors that ``core.errors`` names end as ``NotDone``; any other is a fault of the program and is raised.
    Work still under way at the deadline is left to itself: its writes are guarded, so finishing late does no harm.
    """
    if not units:
        return []
    endings: list[Done[Result] | NotDone] = [NotDone(FailureKind.OUT_OF_TIME, OUT_OF_TIME)] * len(units)
    if not deadline.seconds_left():
        return endings
    places = iter(range(len(units)))  # one for all threads: each place is taken once

    def work_off() -> None:
        for place in places:
            endings[place] = _ending(work, units[place])

    # A task for each thread and not for each unit: handing over costs as much as preparing a call to AWS.
    threads = min(WORKERS, len(units))
    pool = ThreadPoolExecutor(max_workers=threads)
    try:
        futures = [pool.submit(work_off) for _ in range(threads)]
        wait(futures, timeout=deadline.seconds_left(), return_when=FIRST_EXCEPTION)
        for future in futures:
            if future.done():
                future.result()
        return list(endings)
    finally:
        for _ in places:
            pass  # nothing more is begun
        pool.shutdown(wait=False, cancel_futures=True)


def _ending[Unit, Result](work: Callable[[Unit], Result], unit: Unit) -> Done[Result] | NotDone:
    try:
        return Done(work(unit))
    except (PoisonRecord, Unprocessable) as error:
        return NotDone(FailureKind.POISON, error.reason)
    except TransientError as error:
        return NotDone(FailureKind.UNAVAILABLE, error.reason)
    except OutOfTime as error:
        return NotDone(FailureKind.OUT_OF_TIME, error.reason)
