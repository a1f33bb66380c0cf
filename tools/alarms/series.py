"""Metric data, each datum with the time that it stands for and the time at which CloudWatch knows it."""

from bisect import bisect_left, insort
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

type Value = float | None
type Points = tuple[Value, ...]
"""One value a period, the oldest first; None where the metric has no data."""


@dataclass(frozen=True, slots=True)
class Metric:
    """A metric's identity."""

    namespace: str
    name: str
    dimensions: frozenset[tuple[str, str]] = frozenset()

    @classmethod
    def of(cls, namespace: str, name: str, dimensions: Mapping[str, str] | None = None) -> "Metric":
        return cls(namespace, name, frozenset((dimensions or {}).items()))


@dataclass(frozen=True, slots=True, order=True)
class Datum:
    """A statistic set. Times are epoch seconds; `arrival` is when an evaluation can first see it."""

    timestamp: float
    arrival: float
    total: float
    minimum: float
    maximum: float
    count: float = 1.0

    @classmethod
    def of(cls, value: float, timestamp: float, arrival: float | None = None) -> "Datum":
        """Return a single value, known at once unless `arrival` says otherwise."""
        return cls(timestamp, timestamp if arrival is None else arrival, value, value, value)


@dataclass(frozen=True, slots=True)
class PeriodGrid:
    """The periods of one evaluation: `count` of `seconds` each, the last one ending at `end`."""

    end: float
    seconds: int
    count: int

    @property
    def start(self) -> float:
        return self.end - self.seconds * self.count

    def index(self, timestamp: float) -> int:
        """Return the period of a time within the grid; 0 is the oldest."""
        return int((timestamp - self.start) // self.seconds)


@dataclass(slots=True)
class MetricData:
    """Every datum by metric, in the order of their timestamps."""

    _data: dict[Metric, list[Datum]] = field(default_factory=lambda: defaultdict(list))

    def put(self, metric: Metric, *data: Datum) -> None:
        for datum in data:
            insort(self._data[metric], datum)

    def forget_before(self, timestamp: float) -> None:
        """Drop what is older."""
        for data in self._data.values():
            del data[: bisect_left(data, timestamp, key=_timestamp)]

    def metrics(self) -> list[Metric]:
        return list(self._data)

    def points(self, metrics: Iterable[Metric], statistic: str, grid: PeriodGrid, now: float) -> Points:
        """Return the statistic of each period over the metrics together, from what has arrived by `now`."""
        periods: dict[int, list[Datum]] = defaultdict(list)
        for metric in metrics:
            for datum in self._between(metric, grid.start, grid.end):
                if datum.arrival <= now:
                    periods[grid.index(datum.timestamp)].append(datum)
        points: list[Value] = [None] * grid.count
        for index, data in periods.items():
            points[index] = statistic_of(statistic, data)
        return tuple(points)

    def _between(self, metric: Metric, start: float, end: float) -> list[Datum]:
        data = self._data.get(metric, [])
        first = bisect_left(data, start, key=_timestamp)
        return data[first : bisect_left(data, end, lo=first, key=_timestamp)]


def statistic_of(statistic: str, data: list[Datum]) -> float:
    """Return Sum, Minimum, Maximum, Average or SampleCount of at least one datum; raise ValueError for others."""
    match statistic.upper():  # as queries write them
        case "SUM":
            return sum(datum.total for datum in data)
        case "MINIMUM" | "MIN":
            return min(datum.minimum for datum in data)
        case "MAXIMUM" | "MAX":
            return max(datum.maximum for datum in data)
        case "AVERAGE" | "AVG":
            return sum(datum.total for datum in data) / sum(datum.count for datum in data)
        case "SAMPLECOUNT" | "COUNT":
            return sum(datum.count for datum in data)
    raise ValueError(f"the statistic {statistic} is not supported here")


def _timestamp(datum: Datum) -> float:
    return datum.timestamp
