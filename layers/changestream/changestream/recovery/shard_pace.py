"""How fast recovery reads a shard: no faster than a mapping does, and more slowly where the service refuses."""

import random
from collections.abc import Callable
from time import sleep, time

from changestream.core.deadline import Deadline
from changestream.core.errors import TransientError

REFUSALS_BORNE = 5
"""Refused reads in a row before recovery gives way. A table's stream serves two readers; this is a third."""

PAUSE_SECONDS = 0.2
"""Doubled before each further attempt of a call that the service refused."""


class ShardPace:
    """Carries out the calls for one shard. Reads begin at least ``seconds`` apart, and end before the deadline.

    A shard's quota is shared with every mapping that reads it, so that an empty page is no reason to read at once.
    """

    def __init__(
        self,
        seconds: float,
        deadline: Deadline,
        clock: Callable[[], float] = time,
        pause: Callable[[float], None] = sleep,
    ) -> None:
        self._seconds = seconds
        self._deadline = deadline
        self._clock = clock
        self._pause = pause
        self._refused = 0
        self._next_read = 0.0

    def read[Answer](self, call: Callable[[], Answer]) -> Answer:
        """Carry out a read when its turn comes. Raises as ``bearing_refusals`` does."""
        return self.bearing_refusals(lambda: self._in_turn(call))

    def bearing_refusals[Answer](self, call: Callable[[], Answer]) -> Answer:
        """Carry out a call, again after a pause if the service refuses it.

        Raises ``OutOfTime`` rather than wait past the deadline, and ``TransientError`` after too many refusals.
        """
        while True:
            self._deadline.require(PAUSE_SECONDS, "refetching")
            try:
                answer = call()
            except TransientError:
                self._refused += 1
                if self._refused > REFUSALS_BORNE:
                    raise
                pause = random.uniform(0.5, 1) * PAUSE_SECONDS * 2**self._refused  # noqa: S311 - spreads load only
                self._wait(pause, "backing off")
            else:
                self._refused = 0
                return answer

    def _in_turn[Answer](self, call: Callable[[], Answer]) -> Answer:
        wait = min(self._next_read - self._clock(), self._seconds)  # at most: the clock may be set back
        if wait > 0:
            self._wait(wait, "the next read of the shard")
        self._next_read = self._clock() + self._seconds
        return call()

    def _wait(self, seconds: float, purpose: str) -> None:
        self._deadline.require(seconds, purpose)
        self._pause(seconds)
