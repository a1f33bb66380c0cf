"""What happened that AWS counts as a metric, kept until CloudWatch is next asked.

Values of the same metric and minute are added up into one statistic set, as AWS's services send them.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass

type Dimensions = tuple[tuple[str, str], ...]

MOST_SETS = 50_000
"""Statistic sets kept while nobody asks CloudWatch; beyond them the oldest go."""


@dataclass(slots=True)
class StatisticSet:
    """The values of one metric in one minute; `at` is the first one's time, epoch seconds."""

    namespace: str
    name: str
    dimensions: Dimensions
    at: float
    total: float = 0.0
    minimum: float = 0.0
    maximum: float = 0.0
    count: int = 0

    def add(self, value: float) -> None:
        self.minimum = min(self.minimum, value) if self.count else value
        self.maximum = max(self.maximum, value) if self.count else value
        self.total += value
        self.count += 1


class Measurements:
    """Any thread may add; one takes."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._sets: dict[tuple[str, str, Dimensions, int], StatisticSet] = {}

    def add(self, namespace: str, name: str, dimensions: Mapping[str, str], value: float, at: float) -> None:
        """Count a value at a time, epoch seconds."""
        named = tuple(sorted(dimensions.items()))
        key = namespace, name, named, int(at // 60)
        with self._lock:
            if key not in self._sets:
                while len(self._sets) >= MOST_SETS:
                    del self._sets[next(iter(self._sets))]
                self._sets[key] = StatisticSet(namespace, name, named, at)
            self._sets[key].add(value)

    def taken(self) -> list[StatisticSet]:
        """Return what was counted since the last time."""
        with self._lock:
            taken, self._sets = self._sets, {}
        return list(taken.values())
