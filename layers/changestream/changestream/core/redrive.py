"""When parked records go back to their function, and when they wait for a person."""

import random
from dataclasses import dataclass
from enum import StrEnum

ROUNDS = 10
"""With the pauses below, about three days."""

PARKED_DAYS = 365

FIRST_PAUSE_SECONDS = 900
LONGEST_PAUSE_SECONDS = 86_400

DAY_SECONDS = 86_400

LEASE_MARGIN_SECONDS = 60.0
"""A lease outlasts the invocation that takes it by this margin, which covers clocks that differ."""


class Standing(StrEnum):
    """Where a parked object stands between its rounds."""

    DUE = "due"
    RESTING = "resting"
    HELD = "held"
    WAITING = "waiting"


@dataclass(frozen=True, slots=True)
class Rounds:
    """What a parked object has been through. Times are in epoch seconds.

    ``held_until`` is the end of the lease of the run that has it, 0 for none.
    """

    parked_at: float
    done: int
    not_before: float
    held_until: float = 0.0


@dataclass(frozen=True, slots=True)
class RedriveRounds:
    """How long parked records are tried before they wait for a person.

    ``most`` is the number of rounds without success. ``parked_days`` is for how long records are delivered at all, from
    when they were parked; the lifecycle rule of a bucket counts from the last write of an object, and every round is
    one.
    """

    most: int = ROUNDS
    parked_days: int = PARKED_DAYS

    def is_last(self, rounds: Rounds) -> bool:
        """Tell whether the next round is the last before the object waits for a person."""
        return rounds.done + 1 >= self.most

    def standing(self, rounds: Rounds, now: float, *, deliverable: bool, asked_for: bool) -> Standing:
        """Tell whether an object is to be delivered now.

        ``deliverable`` is false for what has no payload, or one that no invocation takes. A person who asked for it
        need not wait for the pause, nor is the number of rounds a bound; a run that holds the object is one all the
        same, and so is its age: a change that is older than the tombstone of its item would bring the item back.
        """
        if not deliverable or now - rounds.parked_at > self.parked_days * DAY_SECONDS:
            return Standing.WAITING
        if rounds.held_until > now:
            return Standing.HELD
        if asked_for:
            return Standing.DUE
        if rounds.done >= self.most:
            return Standing.WAITING
        return Standing.DUE if rounds.not_before <= now else Standing.RESTING


def lease_end(now: float, seconds_to_time_out: float) -> float:
    """Return when the lease of a run that takes an object now ends, in epoch seconds.

    Lambda has ended the invocation by then, however long the function's time-out is, so the holder is gone.
    """
    return now + seconds_to_time_out + LEASE_MARGIN_SECONDS


def pause_seconds(rounds_done: int) -> float:
    """Return the pause after so many rounds: doubling, bounded, and spread so that what was parked at once parts."""
    longest = min(LONGEST_PAUSE_SECONDS, FIRST_PAUSE_SECONDS * 2 ** min(rounds_done, 20))
    return random.uniform(longest / 2, longest)  # noqa: S311 - spreads load only
