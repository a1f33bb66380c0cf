"""A metric alarm: what it watches, and one evaluation of it."""

import operator
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from graphlib import TopologicalSorter
from typing import Any

from alarms.expressions import Scope, evaluated
from alarms.missing_data import AlarmState, Treatment, decided
from alarms.queries import Query, is_query
from alarms.readings import Readings
from alarms.series import Metric, MetricData, PeriodGrid, Points
from alarms.tokens import ExpressionRefused

MINUTE = 60
_DYNAMODB = "AWS/DynamoDB"
_NAME = re.compile(r"[A-Za-z_]\w*")
_OPERATORS: dict[str, tuple[Callable[[float, float], bool], str]] = {
    "GreaterThanThreshold": (operator.gt, "greater than"),
    "GreaterThanOrEqualToThreshold": (operator.ge, "greater than or equal to"),
    "LessThanThreshold": (operator.lt, "less than"),
    "LessThanOrEqualToThreshold": (operator.le, "less than or equal to"),
}


@dataclass(frozen=True, slots=True)
class Watched:
    """A metric with its statistic, or an expression, under its id."""

    id: str
    metric: Metric | None = None
    statistic: str = ""
    expression: str = ""


@dataclass(frozen=True, slots=True)
class Evaluation:
    """What one evaluation came to; `points` are those of the whole evaluation range."""

    state: AlarmState
    points: Points
    grid: PeriodGrid


@dataclass(frozen=True, slots=True)
class Alarm:
    """A metric alarm as PutMetricAlarm takes it."""

    name: str
    watched: tuple[Watched, ...]
    result: str
    """The id of what is compared with the threshold."""
    period: int
    evaluation_periods: int
    datapoints_to_alarm: int
    threshold: float
    comparison: str
    treatment: Treatment

    @classmethod
    def of(cls, request: Mapping[str, Any]) -> "Alarm":
        """Return the alarm of a PutMetricAlarm request; raise ExpressionRefused or KeyError for one that is none."""
        entries = request.get("Metrics") or []
        watched = tuple(map(_watched, entries)) if entries else (_single(request),)
        result = next((entry["Id"] for entry in entries if entry.get("ReturnData", True)), watched[0].id)
        periods = int(request["EvaluationPeriods"])
        return cls(
            request["AlarmName"],
            watched,
            result,
            _period(request, entries),
            periods,
            int(request.get("DatapointsToAlarm") or periods),
            float(request["Threshold"]),
            request["ComparisonOperator"],
            Treatment(request.get("TreatMissingData") or Treatment.MISSING),
        )

    def evaluate(self, data: MetricData, now: float, current: AlarmState, readings: Readings) -> Evaluation:
        """Return the state at the minute that ends at or before `now`.

        Periods end with that minute, so those of an alarm with a period of 5 minutes move by one minute from one
        evaluation to the next (user guide, "Alarm evaluation").
        """
        count = self.evaluation_periods + readings.extra_periods
        grid = PeriodGrid(now // MINUTE * MINUTE, self.period, count)
        points = self.points(data, grid, now, readings)
        if readings.empty_query_is_insufficient and self._is_query and all(point is None for point in points):
            return Evaluation(AlarmState.INSUFFICIENT_DATA, points, grid)
        breaching = [None if point is None else self.breaches(point) for point in points]
        ignoring = readings.ignores_missing_dynamodb and self._watches_dynamodb
        treatment = Treatment.IGNORE if ignoring else self.treatment
        state = decided(breaching, self.evaluation_periods, self.datapoints_to_alarm, treatment, current)
        return Evaluation(state, points, grid)

    def points(self, data: MetricData, grid: PeriodGrid, now: float, readings: Readings) -> Points:
        """Return the datapoints that are compared with the threshold."""
        metrics = {
            each.id: data.points([each.metric], each.statistic, grid, now) for each in self.watched if each.metric
        }
        results: dict[str, Points] = {}
        for each in self._in_order():
            if is_query(each.expression):
                results[each.id] = Query.parsed(each.expression).points(data, grid, now)
            else:
                scope = Scope(metrics, results, grid.count, readings.fills_empty)
                results[each.id] = evaluated(each.expression, scope)
        return (metrics | results)[self.result]

    def _in_order(self) -> list[Watched]:
        """Return the expressions, each after those that it names."""
        expressions = {each.id: each for each in self.watched if not each.metric}
        names = {name: set(_NAME.findall(each.expression)) & expressions.keys() for name, each in expressions.items()}
        return [expressions[name] for name in TopologicalSorter(names).static_order()]

    def breaches(self, value: float) -> bool:
        return _OPERATORS[self.comparison][0](value, self.threshold)

    @property
    def _is_query(self) -> bool:
        return any(is_query(each.expression) for each in self.watched)

    @property
    def _watches_dynamodb(self) -> bool:
        return any(
            (each.metric and each.metric.namespace == _DYNAMODB) or f'"{_DYNAMODB}"' in each.expression
            for each in self.watched
        )

    def reason(self, evaluation: Evaluation) -> str:
        """Return why the alarm is in the state, for StateReason."""
        shown = [
            _shown(point, evaluation.grid, index) for index, point in enumerate(evaluation.points) if point is not None
        ]
        if not shown:
            missing = f"no datapoints were received for {self.evaluation_periods} periods"
            return f"{missing} and missing data is treated as {self.treatment}"
        crossed = "crosses" if evaluation.state is AlarmState.ALARM else "does not cross"
        rule = f"{self.datapoints_to_alarm} out of {self.evaluation_periods} {_OPERATORS[self.comparison][1]}"
        return f"The alarm {crossed} its threshold ({rule} {self.threshold}): datapoints [{', '.join(shown)}]"


def _shown(value: float, grid: PeriodGrid, index: int) -> str:
    began = datetime.fromtimestamp(grid.start + index * grid.seconds, UTC)
    return f"{value} ({began:%d/%m/%y %H:%M:%S})"


def _watched(entry: Mapping[str, Any]) -> Watched:
    stat = entry.get("MetricStat")
    if not stat:
        return Watched(entry["Id"], expression=entry["Expression"])
    metric = stat["Metric"]
    return Watched(entry["Id"], _metric(metric), stat["Stat"])


def _single(request: Mapping[str, Any]) -> Watched:
    return Watched("m1", _metric(request), request["Statistic"])


def _metric(written: Mapping[str, Any]) -> Metric:
    dimensions = {each["Name"]: each["Value"] for each in written.get("Dimensions") or []}
    return Metric.of(written["Namespace"], written["MetricName"], dimensions)


def _period(request: Mapping[str, Any], entries: list[Mapping[str, Any]]) -> int:
    periods = {int(entry["MetricStat"]["Period"]) for entry in entries if entry.get("MetricStat")}
    periods |= {int(entry["Period"]) for entry in entries if entry.get("Period")}
    if not entries:
        periods = {int(request["Period"])}
    if len(periods) != 1:
        raise ExpressionRefused(f"the metrics of {request['AlarmName']} have the periods {sorted(periods)}, not one")
    return periods.pop()
