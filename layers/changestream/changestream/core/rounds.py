"""When a message is tried again, and when it is not any more."""

import random
from dataclasses import dataclass
from datetime import datetime
from math import inf

PARK_AFTER_SECONDS = 3600

SECURE_BELOW_HOURS = 4
"""The hour of rounds above, half an hour for a worker that died before it held its message, and all that again, twice,
for a queue that is behind."""

PAUSE_SECONDS = 5
LONGEST_PAUSE_SECONDS = 900
"""Of a message between its rounds; SQS delays none for longer."""


def pause_seconds(received: int) -> int:
    """Return how long a message waits after so many receipts: doubling, spread over its upper half, bounded."""
    longest = min(LONGEST_PAUSE_SECONDS, PAUSE_SECONDS * 2 ** max(0, min(received - 1, 10)))
    return round(random.uniform(longest / 2, longest))  # noqa: S311 - spreads load only


def urgency(hours_before_trim: float | None) -> float:
    """Return what orders batches: the nearest to trim first, what no stream trims last."""
    return inf if hours_before_trim is None else hours_before_trim


@dataclass(frozen=True, slots=True)
class RecoveryRounds:
    """How long a failed batch is tried before its records are parked.

    ``park_after_seconds`` is the time after the mapping gave up, from which undelivered records are parked rather than
    tried again. ``secure_below_hours`` is the time before a stream trims a batch, below which its payload is parked
    before anything else is tried.
    """

    park_after_seconds: int = PARK_AFTER_SECONDS
    secure_below_hours: int = SECURE_BELOW_HOURS

    def is_urgent(self, hours_before_trim: float | None) -> bool:
        """Tell whether a batch is to be secured first; ``None`` is for what no stream trims."""
        return hours_before_trim is not None and hours_before_trim < self.secure_below_hours

    def is_last(self, given_up_at: str, sent_at: float, now: float) -> bool:
        """Tell whether what cannot be delivered this time is to be parked.

        ``given_up_at`` is the time in the on-failure message, which a rest of a range keeps; where it cannot be read,
        ``sent_at`` counts, in epoch seconds, when the message at hand was sent.
        """
        try:
            since = datetime.fromisoformat(given_up_at).timestamp()
        except (ValueError, OverflowError):
            since = sent_at
        return now - since >= self.park_after_seconds
