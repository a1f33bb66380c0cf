"""Metrics that functions write into their log in CloudWatch's embedded metric format.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
"""

import json
from collections.abc import Iterator
from typing import Any

from local_aws.measurements import Measurements

_MARK = '"CloudWatchMetrics"'


class MetricLines:
    """Call it with each line of a function's log; lines without metrics cost a search for one word."""

    def __init__(self, measurements: Measurements) -> None:
        self._measurements = measurements

    def __call__(self, line: str) -> None:
        if _MARK not in line:
            return
        try:
            document = json.loads(line)
            found = list(_values(document))
        except (ValueError, TypeError, KeyError, AttributeError):
            return  # a line that CloudWatch would keep as a line
        for namespace, name, dimensions, value in found:
            self._measurements.add(namespace, name, dimensions, value, document["_aws"]["Timestamp"] / 1000)


def _values(document: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, str], float]]:
    for directive in document["_aws"]["CloudWatchMetrics"]:
        for keys in directive["Dimensions"]:
            dimensions = {key: str(document[key]) for key in keys}
            for metric in directive["Metrics"]:
                values = document[metric["Name"]]
                for value in values if isinstance(values, list) else [values]:
                    yield directive["Namespace"], metric["Name"], dimensions, float(value)
