"""When a message is tried again, and when it is not any more."""

import random
from datetime import datetime

PARK_AFTER_SECONDS = 3600
"""Time after the mapping gave up, from which undelivered records are parked rather than tried again."""

PAUSE_SECONDS = 5
LONGEST_PAUSE_SECONDS = 900
"""Of a message between its rounds; SQS delays none for longer."""


def pause_seconds(received: int) -> int:
    """Return how long a message waits after so many receipts: doubling, spread over its upper half, bounded."""
    longest = min(LONGEST_PAUSE_SECONDS, PAUSE_SECONDS * 2 ** min(received - 1, 10))
    return round(random.uniform(longest / 2, longest))  # noqa: S311 - spreads load only


def is_last_round(given_up_at: str, sent_at: float, now: float) -> bool:
    """Tell whether what cannot be delivered this time is to be parked.

    ``given_up_at`` is the time in the on-failure message, which a rest of a range keeps; where it cannot be read,
    ``sent_at`` counts, in epoch seconds, when the message at hand was sent.
    """
    try:
        since = datetime.fromisoformat(given_up_at).timestamp()
    except ValueError:
        since = sent_at
    return now - since >= PARK_AFTER_SECONDS
