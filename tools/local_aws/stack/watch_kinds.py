"""Alarms and dashboards of a stack, kept as they are defined: nothing here evaluates one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .resources import Kind, Properties, Removal, Resource


class WatchKinds:
    """Makes what watches; ``client_of(service)`` gives a client of this endpoint."""

    def __init__(self, client_of: Callable[[str], Any], region: str) -> None:
        self._client_of = client_of
        self._region = region

    def kinds(self) -> dict[str, Kind]:
        return {
            "AWS::CloudWatch::Alarm": Kind(self.alarm),
            "AWS::CloudWatch::CompositeAlarm": Kind(self.composite_alarm),
            "AWS::CloudWatch::Dashboard": Kind(self.dashboard, self.update_dashboard),
        }

    def alarm(self, name: str, properties: Properties) -> Resource:
        name = properties.get("AlarmName", name)
        self._cloudwatch.put_metric_alarm(**{**properties, "AlarmName": name})
        described = self._cloudwatch.describe_alarms(AlarmNames=[name])["MetricAlarms"]
        arn = described[0]["AlarmArn"] if described else ""
        return Resource(name, {"Arn": arn}, Removal("cloudwatch", "delete_alarms", {"AlarmNames": [name]}))

    def composite_alarm(self, name: str, properties: Properties) -> Resource:
        """Composite alarms exist in name only: moto keeps none."""
        name = properties.get("AlarmName", name)
        account_id = self._client_of("sts").get_caller_identity()["Account"]
        return Resource(name, {"Arn": f"arn:aws:cloudwatch:{self._region}:{account_id}:alarm:{name}"})

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
