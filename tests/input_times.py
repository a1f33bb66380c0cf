"""The processor time that each generated input takes, in a deep fuzz run (``FUZZ_EXAMPLES``).

It is the time of all threads of this process, so that a busy machine does not count. An ordinary run measures nothing.
"""

import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from changestream.core.quoting import shortened
from mutations import WANTED

MOST_SECONDS = 1.0
"""Of processor time that one input may take."""

LONGEST_INPUT = 300
"""Characters of an input that the report shows."""


@dataclass
class Taken:
    """The time that the inputs of one test took."""

    inputs: int = 0
    seconds: float = 0.0
    slowest_seconds: float = 0.0
    slowest: str = ""

    def add(self, seconds: float, given: object) -> None:
        self.inputs += 1
        self.seconds += seconds
        if seconds > self.slowest_seconds:
            self.slowest_seconds, self.slowest = seconds, shortened(repr(given), LONGEST_INPUT)


@dataclass
class InputTimes:
    """The times of every test of a run, each by its name."""

    clock: Callable[[], float] = time.process_time
    taken: dict[str, Taken] = field(default_factory=dict)

    @contextmanager
    def measured(self, test: str, given: object) -> Iterator[None]:
        """Measure what one input takes, also if it ends in an error. Raises ``AssertionError`` if it takes too long."""
        began = self.clock()
        try:
            yield
        finally:
            seconds = self.clock() - began
            self.taken.setdefault(test, Taken()).add(seconds, given)
            assert seconds < MOST_SECONDS, f"one input took {seconds:.2f} s of processor time"

    def report(self) -> list[str]:
        """Return two lines for each test: its inputs and their time, and the beginning of the slowest input."""
        return [
            line
            for test, taken in self.taken.items()
            for line in (
                f"{test}: {taken.inputs:,} inputs in {taken.seconds:.1f} s, slowest {taken.slowest_seconds:.3f} s",
                f"    {taken.slowest}",
            )
        ]


OF_THIS_RUN = InputTimes()


@contextmanager
def bounded(given: object) -> Iterator[None]:
    """Measure what the running test does with one input, in a deep run."""
    if not WANTED:
        yield
        return
    with OF_THIS_RUN.measured(os.environ["PYTEST_CURRENT_TEST"].removesuffix(" (call)"), given):
        yield
