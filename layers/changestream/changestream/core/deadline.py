"""The time that an invocation has left, and the part of it kept back to answer in."""

from collections.abc import Callable
from typing import Protocol

from changestream.core.errors import OutOfTime

ANSWER_SECONDS = 5.0
"""Kept back from the time-out to answer in."""


class InvocationContext(Protocol):
    """The part of Lambda's context object that knows the time-out."""

    def get_remaining_time_in_millis(self) -> int: ...


class Deadline:
    """Counts down to the moment at which work must stop so that an answer still gets out.

    A function that is killed by its time-out fails its whole batch; one that stops in time reports how far it came.
    """

    def __init__(self, remaining_seconds: Callable[[], float], reserve_seconds: float) -> None:
        self._remaining_seconds = remaining_seconds
        self._reserve_seconds = reserve_seconds

    @classmethod
    def of(cls, context: InvocationContext, reserve_seconds: float = ANSWER_SECONDS) -> "Deadline":
        """Return the deadline of a Lambda invocation."""
        return cls(lambda: context.get_remaining_time_in_millis() / 1000, reserve_seconds)

    def seconds_to_time_out(self) -> float:
        """Return the seconds until Lambda ends the invocation, those kept back to answer in included."""
        return max(0.0, self._remaining_seconds())

    def seconds_left(self) -> float:
        """Return the seconds that work may still take; never negative."""
        return max(0.0, self._remaining_seconds() - self._reserve_seconds)

    def require(self, seconds: float, purpose: str) -> None:
        """Raise ``OutOfTime`` unless that many seconds are left for the purpose."""
        left = self.seconds_left()
        if left < seconds:
            raise OutOfTime(f"{left:.1f} s left, {purpose} needs {seconds:.1f} s")
