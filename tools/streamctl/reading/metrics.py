"""What CloudWatch measured in the last minutes."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import batched
from typing import Any

from streamctl.stack import Stack

LOOKED_BACK_MINUTES = 15
"""Metrics of queues come every minute, a few minutes late; those of a function with every batch."""

MOST_QUERIES = 500
"""Of one request (API reference, ``GetMetricData``)."""

MINUTE = 60

type Point = tuple[float, float]
"""The beginning of a minute in epoch seconds, and the value in that minute."""


@dataclass(frozen=True, slots=True)
class MetricStatistic:
    """One statistic of a metric, for one value of its one dimension."""

    namespace: str
    name: str
    dimension: str
    value: str
    statistic: str = "Maximum"

    def query(self, number: int) -> dict[str, Any]:
        """Return what asks for its statistic in each minute."""
        dimensions = [{"Name": self.dimension, "Value": self.value}]
        named = {"Namespace": self.namespace, "MetricName": self.name, "Dimensions": dimensions}
        return {"Id": f"m{number}", "MetricStat": {"Metric": named, "Period": MINUTE, "Stat": self.statistic}}


def series(stack: Stack, metrics: Sequence[MetricStatistic]) -> list[list[Point]]:
    """Return the values of each metric in the last minutes, the newest first."""
    queries = [metric.query(number) for number, metric in enumerate(metrics)]
    end = datetime.now(UTC).replace(second=0, microsecond=0) + timedelta(minutes=1)
    start = end - timedelta(minutes=LOOKED_BACK_MINUTES + 1)
    found: dict[str, list[Point]] = {}
    pages = stack.client("cloudwatch").get_paginator("get_metric_data")
    asked = {"StartTime": start, "EndTime": end, "ScanBy": "TimestampDescending"}
    for some in batched(queries, MOST_QUERIES, strict=False):
        for page in pages.paginate(MetricDataQueries=list(some), **asked):
            for result in page["MetricDataResults"]:
                points = zip((each.timestamp() for each in result["Timestamps"]), result["Values"], strict=True)
                found.setdefault(result["Id"], []).extend(points)
    return [found.get(f"m{number}", []) for number in range(len(metrics))]


def latest(stack: Stack, metrics: Sequence[MetricStatistic]) -> list[float | None]:
    """Return the newest value of each, ``None`` where there is none in the last minutes."""
    return [points[0][1] if points else None for points in series(stack, metrics)]
