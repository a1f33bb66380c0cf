"""What CloudWatch measured last."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from streamctl.stack import Stack

LOOKED_BACK_MINUTES = 15
"""Metrics of queues come every minute, a few minutes late; those of a function with every batch."""

MOST_QUERIES = 500
"""Of one request (API reference, ``GetMetricData``)."""


@dataclass(frozen=True, slots=True)
class Metric:
    """One metric of AWS's own, for one value of its one dimension."""

    namespace: str
    name: str
    dimension: str
    value: str

    def query(self, number: int) -> dict[str, Any]:
        """Return what asks for its greatest value in each minute."""
        dimensions = [{"Name": self.dimension, "Value": self.value}]
        named = {"Namespace": self.namespace, "MetricName": self.name, "Dimensions": dimensions}
        return {"Id": f"m{number}", "MetricStat": {"Metric": named, "Period": 60, "Stat": "Maximum"}}


def latest(stack: Stack, metrics: Sequence[Metric]) -> list[float | None]:
    """Return the newest value of each, ``None`` where there is none in the last minutes."""
    now = datetime.now(UTC) + timedelta(minutes=1)
    queries = [metric.query(number) for number, metric in enumerate(metrics[:MOST_QUERIES])]
    if not queries:
        return []
    found: dict[str, float] = {}
    pages = stack.client("cloudwatch").get_paginator("get_metric_data")
    start = now - timedelta(minutes=LOOKED_BACK_MINUTES)
    for page in pages.paginate(MetricDataQueries=queries, StartTime=start, EndTime=now, ScanBy="TimestampDescending"):
        for result in page["MetricDataResults"]:
            if result["Values"]:
                found.setdefault(result["Id"], result["Values"][0])
    return [found.get(f"m{number}") for number in range(len(metrics))]
