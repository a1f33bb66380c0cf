"""The settings that cost something, read out of template.yaml; where a value is a parameter, its default."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from sam_templates.document import read
from sam_templates.language_extensions import expanded
from sam_templates.resolver import Resolver

TEMPLATE = Path(__file__).parents[2] / "template.yaml"


@dataclass(frozen=True, slots=True)
class CostedSettings:
    """Of a function that a stream is mapped to, and of that mapping."""

    batch_size: int
    window: float
    factor: int
    tumbling: float
    memory: int


@dataclass(frozen=True, slots=True)
class TemplateSettings:
    """What the template has."""

    mappings: Mapping[str, CostedSettings]
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
    written = expanded(read(path))
    resolver = Resolver(written)
    defaults = {name: parameter.get("Default") for name, parameter in written["Parameters"].items()}
    mappings = {}
    for resource in written["Resources"].values():
        properties = resource.get("Properties", {})
        for event in properties.get("Events", {}).values():
            if event["Type"] in ("DynamoDB", "Kinesis"):
                name = properties["CodeUri"].strip("/").rpartition("/")[2]
                shared = written["Globals"]["Function"]
                memory = resolver.resolve(properties.get("MemorySize", shared["MemorySize"]))
                mappings[name] = _mapping(event["Properties"], memory, resolver)
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


def _mapping(event: Any, memory: Any, resolver: Resolver) -> CostedSettings:
    def number(name: str) -> int:
        return int(resolver.resolve(event[name]))

    return CostedSettings(
        number("BatchSize"),
        number("MaximumBatchingWindowInSeconds"),
        number("ParallelizationFactor"),
        number("TumblingWindowInSeconds"),
        int(memory),
    )
