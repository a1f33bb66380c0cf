"""The settings that cost something, read out of template.yaml; where a value is a parameter, its default."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

TEMPLATE = Path(__file__).parents[2] / "template.yaml"


@dataclass(frozen=True, slots=True)
class MappingSettings:
    """Of a function that a stream is mapped to, and of that mapping."""

    batch_size: int
    window: float
    factor: int
    tumbling: float
    memory: int


@dataclass(frozen=True, slots=True)
class TemplateSettings:
    """What the template has."""

    mappings: Mapping[str, MappingSettings]
    """By the name of the function's folder."""
    retention_hours: int
    tombstone_days: int
    log_days: int
    api_requests_per_second: float
    alarm_metrics: int
    """What the alarms look at, which is what they are paid for by."""
    resources: Mapping[str, int]
    """How many there are of each type."""


@cache
def template_settings(path: Path = TEMPLATE) -> TemplateSettings:
    """Read the template; conditions are taken for met, but for that of a gradual deployment."""
    from samtranslator.yaml_helper import yaml_parse  # here: slow to import, and streamctl has other commands

    written = yaml_parse(path.read_text())
    defaults = {name: parameter.get("Default") for name, parameter in written["Parameters"].items()}
    shared = written["Globals"]["Function"]
    mappings = {}
    for resource in written["Resources"].values():
        properties = resource.get("Properties", {})
        for event in properties.get("Events", {}).values():
            if event["Type"] in ("DynamoDB", "Kinesis"):
                name = properties["CodeUri"].strip("/").rpartition("/")[2]
                mappings[name] = _mapping(event["Properties"], properties | {"Shared": shared}, defaults)
    routes = written["Resources"]["TasksApi"]["Properties"]["DefaultRouteSettings"]
    return TemplateSettings(
        mappings,
        int(defaults["ChangeStreamRetentionHours"]),
        int(defaults["TombstoneDays"]),
        int(defaults["LogRetentionDays"]),
        float(routes["ThrottlingRateLimit"]),
        sum(_alarm_metrics(resource) for resource in written["Resources"].values()),
        Counter(resource["Type"] for resource in written["Resources"].values()),
    )


def _alarm_metrics(resource: Any) -> int:
    if resource["Type"] != "AWS::CloudWatch::Alarm" or resource.get("Condition", "").startswith("Gradually"):
        return 0
    return max(1, str(resource["Properties"].get("Metrics")).count("'MetricStat'"))


def _mapping(event: Any, function: Any, defaults: Mapping[str, Any]) -> MappingSettings:
    def number(name: str) -> int:
        value = event[name]
        return int(defaults[value["Ref"]] if isinstance(value, dict) else value)

    return MappingSettings(
        number("BatchSize"),
        number("MaximumBatchingWindowInSeconds"),
        number("ParallelizationFactor"),
        number("TumblingWindowInSeconds"),
        int(function.get("MemorySize", function["Shared"]["MemorySize"])),
    )
