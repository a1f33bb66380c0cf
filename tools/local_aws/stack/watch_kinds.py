"""Alarms and dashboards of a stack. alarm_states.py sets the states of the alarms."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from moto.cloudwatch.models import cloudwatch_backends

from ..metric_limits import bound_metrics
from .resources import Properties, Removal, Resource, ResourceKind

_OF_METRIC_ALARMS: dict[str, Any] = {
    "namespace": "", "metric_name": "", "dimensions": [], "statistic": "", "period": 60,
    "comparison_operator": "", "evaluation_periods": 1, "threshold": 0.0,
}  # fmt: skip
"""What moto asks of every alarm."""


class WatchKinds:
    """Makes what watches; ``client_of(service)`` gives a client of this endpoint."""

    def __init__(self, client_of: Callable[[str], Any], region: str) -> None:
        self._client_of = client_of
        self._region = region

    def kinds(self) -> dict[str, ResourceKind]:
        return {
            "AWS::CloudWatch::Alarm": ResourceKind(self.alarm),
            "AWS::CloudWatch::CompositeAlarm": ResourceKind(self.composite_alarm),
            "AWS::CloudWatch::Dashboard": ResourceKind(self.dashboard, self.update_dashboard),
        }

    def alarm(self, name: str, properties: Properties) -> Resource:
        name = properties.get("AlarmName", name)
        self._cloudwatch.put_metric_alarm(**{**properties, "AlarmName": name})
        described = self._cloudwatch.describe_alarms(AlarmNames=[name])["MetricAlarms"]
        arn = described[0]["AlarmArn"] if described else ""
        return Resource(name, {"Arn": arn}, Removal("cloudwatch", "delete_alarms", {"AlarmNames": [name]}))

    def composite_alarm(self, name: str, properties: Properties) -> Resource:
        """Keep it among the alarms; moto has no operation PutCompositeAlarm, and keeps one all the same."""
        name = properties.get("AlarmName", name)
        bound_metrics()
        account_id = self._client_of("sts").get_caller_identity()["Account"]
        kept = cloudwatch_backends[account_id][self._region].put_metric_alarm(
            name=name,
            description=properties.get("AlarmDescription", ""),
            rule=properties["AlarmRule"],
            alarm_actions=properties.get("AlarmActions", []),
            ok_actions=properties.get("OKActions", []),
            **_OF_METRIC_ALARMS,
        )
        return Resource(name, {"Arn": kept.alarm_arn}, Removal("cloudwatch", "delete_alarms", {"AlarmNames": [name]}))

    def dashboard(self, name: str, properties: Properties) -> Resource:
        name = properties.get("DashboardName", name)
        removal = Removal("cloudwatch", "delete_dashboards", {"DashboardNames": [name]})
        return self.update_dashboard(Resource(name, {}, removal), properties)

    def update_dashboard(self, resource: Resource, properties: Properties) -> Resource:
        name = resource.physical_resource_id
        self._cloudwatch.put_dashboard(DashboardName=name, DashboardBody=properties["DashboardBody"])
        return resource

    @property
    def _cloudwatch(self) -> Any:
        return self._client_of("cloudwatch")
