"""What follows a failed invocation, and how long to wait before it."""

from dataclasses import dataclass
from enum import StrEnum


class NextStep(StrEnum):
    BISECT = "bisect"
    RETRY = "retry"
    DISCARD = "discard"


def next_step(length: int, attempts: int, *, bisect: bool, maximum_retry_attempts: int) -> NextStep:
    """Decide on a batch of `length` records that has failed whole `attempts` times.

    Splitting comes first and costs no attempt, so it also happens with no retries left. N retries are N + 1
    attempts; -1 retries for ever (developer guide, services-dynamodb-errors).
    """
    if bisect and length > 1:
        return NextStep.BISECT
    if maximum_retry_attempts >= 0 and attempts > maximum_retry_attempts:
        return NextStep.DISCARD
    return NextStep.RETRY


@dataclass(frozen=True, slots=True)
class Backoff:
    """Seconds to wait after the nth failure in a row: doubling from `base` up to `cap`.

    AWS does not publish its schedule. These numbers give the eight attempts that were recorded for a record
    that kept failing until it was 60 seconds old.
    """

    base: float = 0.5
    cap: float = 60.0

    def after(self, failures: int) -> float:
        return self.cap if failures > 40 else min(self.cap, self.base * 2.0 ** (failures - 1))
