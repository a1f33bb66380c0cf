"""Metrics Insights queries that give one time series: SELECT function(metric) FROM SCHEMA(...) WHERE ....

https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch-metrics-insights-querylanguage.html
"""

import re
from dataclasses import dataclass

from alarms.series import Metric, MetricData, PeriodGrid, Points
from alarms.tokens import ExpressionRefused

_QUERY = re.compile(
    r'\s*SELECT\s+(?P<function>SUM|MAX|MIN|AVG|COUNT)\((?P<name>\w+)\)\s+FROM\s+SCHEMA\("(?P<namespace>[\w/.-]+)"'
    r"(?P<keys>(?:\s*,\s*\w+)*)\)(?:\s+WHERE\s+(?P<where>.+?))?\s*",
    re.DOTALL,
)
_CONDITION = re.compile(r"\s*(\w+)\s*=\s*'([^']*)'\s*")


def is_query(expression: str) -> bool:
    return expression.lstrip().startswith("SELECT")


@dataclass(frozen=True, slots=True)
class Query:
    """One query; `keys` are exactly the dimensions that a metric must have."""

    function: str
    name: str
    namespace: str
    keys: frozenset[str]
    equal: tuple[tuple[str, str], ...]

    @classmethod
    def parsed(cls, text: str) -> "Query":
        match = _QUERY.fullmatch(text)
        if match is None:
            raise ExpressionRefused(f"this query is not supported here: {text}")
        conditions = [_CONDITION.fullmatch(each) for each in re.split(r"\bAND\b", match["where"] or "") if each.strip()]
        if not all(conditions):
            raise ExpressionRefused(f"WHERE takes comparisons for equality here: {text}")
        keys = frozenset(re.findall(r"\w+", match["keys"]))
        equal = tuple((each[1], each[2]) for each in conditions if each)
        return cls(match["function"], match["name"], match["namespace"], keys, equal)

    def selects(self, metric: Metric) -> bool:
        return (
            (metric.namespace, metric.name) == (self.namespace, self.name)
            and {name for name, _ in metric.dimensions} == self.keys
            and metric.dimensions >= set(self.equal)
        )

    def points(self, data: MetricData, grid: PeriodGrid, now: float) -> Points:
        return data.points(filter(self.selects, data.metrics()), self.function, grid, now)
