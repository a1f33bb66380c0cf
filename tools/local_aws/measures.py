"""What CloudWatch keeps of a metric: statistics by minute, added up by whoever measures, taken by whoever publishes."""

import json
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

MINUTES_KEPT = 180
"""Of measures that nobody takes. CloudWatch keeps values of one-minute resolution far longer."""

type Dimensions = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Key:
    """One metric in one minute (epoch seconds divided by 60)."""

    namespace: str
    name: str
    dimensions: Dimensions
    minute: int


@dataclass(slots=True)
class Statistics:
    """A statistic set, as PutMetricData takes it."""

    total: float
    least: float
    most: float
    count: int = 1

    def add(self, other: "Statistics") -> None:
        """Take the values of another set as well."""
        self.total += other.total
        self.least, self.most = min(self.least, other.least), max(self.most, other.most)
        self.count += other.count


class Measures:
    """Any thread may add."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._found: dict[Key, Statistics] = {}

    def add(self, namespace: str, name: str, dimensions: Dimensions, value: float, at: float) -> None:
        """Add a value that was measured at an instant, in epoch seconds."""
        key, one = Key(namespace, name, dimensions, int(at // 60)), Statistics(value, value, value)
        with self._lock:
            if (known := self._found.get(key)) is not None:
                known.add(one)
                return
            self._found[key] = one
            for old in [each for each in self._found if each.minute < key.minute - MINUTES_KEPT]:
                del self._found[old]

    def taken(self) -> dict[Key, Statistics]:
        """Return what was added since the last time."""
        with self._lock:
            taken, self._found = self._found, {}
        return taken

    def add_embedded(self, line: str, at: float) -> None:
        """Add the metrics of a log line in the embedded metric format. Any other line has none.

        https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
        """
        if not line.startswith("{") or '"_aws"' not in line:
            return
        try:
            for namespace, name, dimensions, value in _embedded(json.loads(line)):
                self.add(namespace, name, dimensions, value, at)
        except (ValueError, TypeError, KeyError, AttributeError):
            return  # CloudWatch, too, takes a malformed document for a log line


def _embedded(document: Mapping[str, Any]) -> Iterator[tuple[str, str, Dimensions, float]]:
    for directive in document["_aws"]["CloudWatchMetrics"]:
        for names in directive["Dimensions"]:
            dimensions = tuple((name, str(document[name])) for name in names)
            for metric in directive["Metrics"]:
                found = document[metric["Name"]]
                for value in found if isinstance(found, list) else [found]:
                    yield directive["Namespace"], metric["Name"], dimensions, float(value)
