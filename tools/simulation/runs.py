"""Playing many seeds, in processes that share nothing."""

import gc
from collections.abc import Iterator
from multiprocessing import get_context
from traceback import format_exception

from simulation.checks.violation import Violation
from simulation.machine import Machine
from simulation.play import RunOutcome, play

_MACHINES: list[Machine] = []


def outcomes(seeds: range, changes: int, jobs: int) -> Iterator[RunOutcome]:
    """Yield the outcome of every seed, in their order."""
    work = ((seed, changes) for seed in seeds)
    if jobs == 1:
        _begin()
        yield from map(_play, work)
        return
    # Started afresh, so that nothing of this process decides anything in the others.
    with get_context("spawn").Pool(jobs, _begin) as pool:
        yield from pool.imap(_play, work)


def _begin() -> None:
    _MACHINES.append(Machine())
    gc.freeze()
    gc.set_threshold(200_000, 50, 100)  # a run makes much, and keeps most of it until it ends


def _play(work: tuple[int, int]) -> RunOutcome:
    seed, changes = work
    try:
        outcome = play(_MACHINES[0], seed, changes)
    except Exception as error:  # one run's failure is its own: the others go on, and this one is told
        outcome = RunOutcome(seed, "", [Violation("", "the run", "".join(format_exception(error)))])
    gc.collect()  # then all of it goes: memory stays flat however many runs there are
    return outcome
