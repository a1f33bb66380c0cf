"""How old the last record of each batch was when the function was done with it."""

import threading
from typing import Any

MINUTES_KEPT = 180
"""Without a reader; CloudWatch keeps values of one-minute resolution far longer, and nobody here looks back as far."""


class IteratorAges:
    """Notes from the event loop, taken from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._ages: dict[tuple[str, int], float] = {}

    def note(self, function_name: str, event: dict[str, Any], now: float) -> None:
        """Take note of a batch of a stream; what has no records, or those of a queue, has no such age."""
        records = event.get("Records")
        arrival = _arrival(records[-1]) if records else None
        if arrival is None:
            return
        key = function_name, int(now // 60)
        with self._lock:
            self._ages[key] = max(self._ages.get(key, 0.0), (now - arrival) * 1000)
            for old in [each for each in self._ages if each[1] < key[1] - MINUTES_KEPT]:
                del self._ages[old]

    def taken(self) -> dict[tuple[str, int], float]:
        """Return what was noted since the last time, by function and minute, in milliseconds."""
        with self._lock:
            taken, self._ages = self._ages, {}
        return taken


def _arrival(record: dict[str, Any]) -> float | None:
    if "dynamodb" in record:
        return float(record["dynamodb"]["ApproximateCreationDateTime"])
    if "kinesis" in record:
        return float(record["kinesis"]["approximateArrivalTimestamp"])
    return None
