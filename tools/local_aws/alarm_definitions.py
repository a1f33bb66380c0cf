"""Alarms as moto keeps them, as the evaluator takes them."""

from __future__ import annotations

from typing import Any

from moto.cloudwatch.models import Alarm as KeptAlarm
from moto.cloudwatch.models import Dimension, MetricDataQuery


def request_of(alarm: KeptAlarm) -> dict[str, Any]:
    """Return the PutMetricAlarm request of an alarm."""
    request: dict[str, Any] = {
        "AlarmName": alarm.name,
        "ComparisonOperator": alarm.comparison_operator,
        "DatapointsToAlarm": alarm.datapoints_to_alarm,
        "EvaluationPeriods": alarm.evaluation_periods,
        "Threshold": alarm.threshold,
        "TreatMissingData": alarm.treat_missing_data,
    }
    if alarm.metric_data_queries:
        return request | {"Metrics": [_entry(query) for query in alarm.metric_data_queries]}
    return request | {
        "Dimensions": _dimensions(alarm.dimensions),
        "MetricName": alarm.metric_name,
        "Namespace": alarm.namespace,
        "Period": alarm.period,
        "Statistic": alarm.statistic,
    }


def _entry(query: MetricDataQuery) -> dict[str, Any]:
    entry: dict[str, Any] = {"Id": query.id, "ReturnData": str(query.return_data).lower() != "false"}
    stat = query.metric_stat
    if stat is None:
        return entry | {"Expression": query.expression} | ({"Period": query.period} if query.period else {})
    metric = stat.metric
    dimensions = _dimensions(metric.dimensions)
    named = {"Namespace": metric.namespace, "MetricName": metric.metric_name, "Dimensions": dimensions}
    return entry | {"MetricStat": {"Stat": stat.stat, "Period": stat.period, "Metric": named}}


def _dimensions(dimensions: list[Dimension]) -> list[dict[str, Any]]:
    return [{"Name": each.name, "Value": each.value} for each in dimensions]
