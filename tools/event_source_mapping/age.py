"""MaximumRecordAgeInSeconds: which records at the front of a batch are too old to be delivered."""

import math
from collections.abc import Callable, Sequence


def expired_front[T](records: Sequence[T], arrival: Callable[[T], float], now: float, maximum_age: float) -> int:
    """How many records at the front have expired; those behind a fresh one are left alone."""
    if maximum_age == math.inf:
        return 0
    oldest = now - maximum_age
    for count, record in enumerate(records):
        if arrival(record) >= oldest:
            return count
    return len(records)
