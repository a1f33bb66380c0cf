"""Waiting: between records for the sake of the rate, and after refusals for the sake of whoever refuses."""

import random
from collections.abc import Callable
from time import monotonic, sleep

from changestream.core.errors import TransientError

FIRST_PAUSE_SECONDS = 0.5
LONGEST_PAUSE_SECONDS = 30.0
ROUNDS = 8
"""Refusals in a row after which work stops: with the pauses between them, up to a minute."""


class EvenRate:
    """Lets no more than so many records a second go, evenly: what was not used is not made up for."""

    def __init__(
        self,
        records_per_second: float,
        clock: Callable[[], float] = monotonic,
        pause: Callable[[float], None] = sleep,
    ) -> None:
        self._seconds_per_record = 1 / records_per_second
        self._clock = clock
        self._pause = pause
        self._next = clock()

    def wait(self, records: int) -> None:
        """Return when so many records may go."""
        if (early := self._next - self._clock()) > 0:
            self._pause(early)
        self._next = max(self._next, self._clock()) + records * self._seconds_per_record


class Patience:
    """Counts refusals in a row, and waits after each: twice as long as after the one before, spread, and bounded."""

    def __init__(self, pause: Callable[[float], None] = sleep) -> None:
        self._pause = pause
        self._refusals = 0

    def progressed(self) -> None:
        """Note that something was done since the last refusal."""
        self._refusals = 0

    def after(self, error: TransientError) -> None:
        """Wait; raise the error where it was the last of so many in a row."""
        self._refusals += 1
        if self._refusals >= ROUNDS:
            raise error
        longest = min(LONGEST_PAUSE_SECONDS, FIRST_PAUSE_SECONDS * 2 ** (self._refusals - 1))
        self._pause(random.uniform(longest / 2, longest))  # noqa: S311 - spreads load only

    def persist[Result](self, work: Callable[[], Result]) -> Result:
        """Do work that may be refused, again and again."""
        while True:
            try:
                result = work()
            except TransientError as error:
                self.after(error)
            else:
                self.progressed()
                return result
