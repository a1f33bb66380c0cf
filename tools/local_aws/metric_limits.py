"""Bounds on what moto's CloudWatch makes of one request: it keeps each value by itself, and walks every period.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch_limits.html
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from moto.cloudwatch.exceptions import InvalidParameterValue, ValidationError
from moto.cloudwatch.models import CloudWatchBackend

MOST_METRICS, MOST_VALUES = 1000, 150
MOST_COUNTED = 100_000
"""Values that one request may add: AWS keeps a value with its count, moto as many values as that."""
HOUR = 3600
DAY = 24 * HOUR
MOST_EXPRESSION, MOST_RULE, MOST_QUERIES = 1024, 10_240, 500
"""Characters of an expression and of a composite alarm's rule, and entries of Metrics.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html
https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutCompositeAlarm.html
"""
MOST_POINTS, MOST_STATISTICS = 100_800, 1440


def bound_metrics() -> None:
    """Put the bounds in front of moto's operations. Once is enough; more often changes nothing."""
    if getattr(CloudWatchBackend, "is_bounded", False):
        return
    backend: Any = CloudWatchBackend
    put, data, statistics = backend.put_metric_data, backend.get_metric_data, backend.get_metric_statistics

    def put_metric_data(self: Any, namespace: str, metric_data: list[dict[str, Any]]) -> None:
        _check_values(metric_data)
        put(self, namespace, metric_data)

    def get_metric_data(
        self: Any, queries: Any, start_time: datetime, end_time: datetime, *more: Any, **by: Any
    ) -> Any:
        seconds = (end_time - start_time).total_seconds()
        periods = [_period(each) for each in queries]
        if sum(seconds / period for period in periods) > MOST_POINTS:
            raise ValidationError(f"The request asks for more than {MOST_POINTS} data points.")
        return data(self, queries, start_time, end_time, *more, **by)

    def get_metric_statistics(
        self: Any,
        namespace: str,
        name: str,
        start_time: datetime,
        end_time: datetime,
        period: int,
        *more: Any,
        **by: Any,
    ) -> Any:
        seconds = (end_time - start_time).total_seconds()
        if period < 1 or seconds / period > MOST_STATISTICS:
            raise InvalidParameterValue(f"You have requested more datapoints than the limit of {MOST_STATISTICS}.")
        return statistics(self, namespace, name, start_time, end_time, period, *more, **by)

    put_alarm = backend.put_metric_alarm

    def put_metric_alarm(self: Any, name: str, **settings: Any) -> Any:
        _check_alarm(settings)
        return put_alarm(self, name=name, **settings)

    backend.put_metric_alarm = put_metric_alarm
    backend.put_metric_data = put_metric_data
    backend.get_metric_data = get_metric_data
    backend.get_metric_statistics = get_metric_statistics
    backend.is_bounded = True


def _check_values(metric_data: list[dict[str, Any]]) -> None:
    if len(metric_data) > MOST_METRICS:
        raise InvalidParameterValue(f"The collection MetricData must not have a size greater than {MOST_METRICS}.")
    counted = 0.0
    for metric in metric_data:
        values, counts = metric.get("Values") or [], metric.get("Counts") or []
        if len(values) > MOST_VALUES or len(counts) > MOST_VALUES:
            raise InvalidParameterValue(f"The collection Values must not have a size greater than {MOST_VALUES}.")
        counted += sum(float(count) for count in counts)
    if not counted <= MOST_COUNTED:
        raise InvalidParameterValue(f"This endpoint keeps at most {MOST_COUNTED} values of one request.")


def _check_alarm(settings: dict[str, Any]) -> None:
    """Refuse an alarm that evaluates more than seven days, or one day with a period below an hour."""
    if len(settings.get("rule") or "") > MOST_RULE:
        raise ValidationError(f"AlarmRule must not exceed {MOST_RULE} characters.")
    queries = settings.get("metric_data_queries") or []
    if len(queries) > MOST_QUERIES:
        raise ValidationError(f"The collection Metrics must not have a size greater than {MOST_QUERIES}.")
    if any(len(query.expression or "") > MOST_EXPRESSION for query in queries):
        raise ValidationError(f"Expression must not exceed {MOST_EXPRESSION} characters.")
    given = [settings.get("period"), *(query.period for query in queries)]
    given += [query.metric_stat.period for query in queries if query.metric_stat]
    count, alarming = int(settings["evaluation_periods"]), int(settings.get("datapoints_to_alarm") or 1)
    if count < 1 or not 1 <= alarming <= count:
        raise ValidationError("EvaluationPeriods must be at least 1, and DatapointsToAlarm not greater.")
    for period in [int(each) for each in given if each is not None] or [60]:
        longest = 7 * DAY if period >= HOUR else DAY
        if period < 1 or period * count > longest:
            raise ValidationError(f"Metrics cannot be checked across more than {longest} seconds.")


def _period(query: dict[str, Any]) -> int:
    """Return the seconds between two points of a query; those of an expression may come from its metrics."""
    given = (query.get("MetricStat") or query).get("Period")
    if given is None:
        return 60
    if int(given) < 1:
        raise ValidationError("The parameter Period must be a positive number.")
    return int(given)
