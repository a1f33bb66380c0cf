"""What another choice would save: one step from the present choices in each direction."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from costs.system import System
from costs.workload import Choices, FanOut

WINDOWS = (0.0, 1.0, 2.0, 5.0, 10.0, 30.0)
BATCH_SIZES = (10, 100, 200, 500, 1_000)
FACTORS = (1, 2, 4, 10)
MEMORIES = (128, 256, 512, 1024, 1769)


@dataclass(frozen=True, slots=True)
class Saving:
    """A choice, what it saves a month, and what it takes."""

    choice: str
    month: float
    price: str
    choices: Choices


def savings(system: System) -> list[Saving]:
    """Return what is cheaper than the present choices by a thousandth at least, the most first.

    A choice under which lanes fall behind that did not before is none.
    """
    found = [
        Saving(name, system.month - other.month, price, choices)
        for name, price, choices in _neighbours(system)
        if not _falls_behind(other := System(system.given, choices), system)
    ]
    return sorted((each for each in found if each.month > system.month / 1000), key=lambda each: -each.month)


def _falls_behind(other: System, present: System) -> bool:
    return any(
        new.load.busiest_lane > max(1.0, old.load.busiest_lane)
        for new, old in zip(other.parts, present.parts, strict=True)
    )


def _neighbours(system: System) -> Iterator[tuple[str, str, Choices]]:
    now = system.choices
    present = system.settings(next(iter(system.template.mappings)))  # the first consumer stands for all
    for window in _next_to(present.window, WINDOWS):
        lag = f"{window:g} s of lag for every view"
        yield f"a window of {window:g} s", lag, replace(now, window=window)
    for size in _next_to(present.batch_size, BATCH_SIZES):
        yield f"batches of {size}", "more is delivered again when one fails", replace(now, batch_size=size)
    for factor in _next_to(present.factor, FACTORS):
        yield f"a factor of {factor}", f"{factor} batches of a shard at once", replace(now, factor=factor)
    for memory in _next_to(present.memory, MEMORIES):
        yield f"{memory} MB of memory", f"{system.table.cores(memory):.2f} of a core", replace(now, memory=memory)
    if now.fan_out is FanOut.ENHANCED:
        shared = "five readers share each shard's 2 MB a second"
        yield "shared fan-out", shared, replace(now, fan_out=FanOut.SHARED)
    if now.traced:
        yield "no traces", "X-Ray has no map of the functions", replace(now, traced=False)


def _next_to[Number: (int, float)](present: Number, steps: tuple[Number, ...]) -> Iterator[Number]:
    below = [step for step in steps if step < present]
    above = [step for step in steps if step > present]
    yield from below[-1:]
    yield from above[:1]
