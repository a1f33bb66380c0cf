"""The settings that cost something, read out of template.yaml; where a value is a parameter, its default."""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from consumers.kinds import Feed, Kind
from consumers.reading import Consumer, every_consumer
from sam_templates.document import read
from sam_templates.functions import Functions
from sam_templates.language_extensions import expanded
from sam_templates.resolver import Resolver

TEMPLATE = Path(__file__).parents[2] / "template.yaml"
PARAMETERS = {"SearchEndpoint": "https://search.example.com", "SearchDomainName": "search"}
"""The stack that is costed has a search index."""


@dataclass(frozen=True, slots=True)
class CostedSettings:
    """Of a consumer, and of its mapping.

    ``view`` is the table of its view, or ``None`` for a search index. ``only_expiries`` says that the mapping's filter
    lets only deletions by TTL through.
    """

    batch_size: int
    window: float
    factor: int
    tumbling: float
    memory: int
    kind: Kind
    feed: Feed
    view: str | None
    only_expiries: bool


@dataclass(frozen=True, slots=True)
class TemplateSettings:
    """What the template has."""

    mappings: Mapping[str, CostedSettings]
    """By the name of the consumer's folder, in the order of the template."""
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
    written = expanded(read(path), PARAMETERS)
    resolver = Resolver(written, PARAMETERS)
    defaults = {name: parameter.get("Default") for name, parameter in written["Parameters"].items()}
    functions = Functions(resolver)
    found = every_consumer(written, PARAMETERS, "PARAMETERS in tools/costs/template_settings.py")
    mappings = {each.name: _mapping(each, functions.memory(each.function)) for each in found}
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


def _mapping(consumer: Consumer, memory: int) -> CostedSettings:
    request = consumer.request
    return CostedSettings(
        int(request["BatchSize"]),
        int(request["MaximumBatchingWindowInSeconds"]),
        int(request["ParallelizationFactor"]),
        int(request["TumblingWindowInSeconds"]),
        memory,
        consumer.kind,
        consumer.feed,
        consumer.view,
        _only_expiries(consumer.filters),
    )


def _only_expiries(patterns: Sequence[str]) -> bool:
    return bool(patterns) and all("userIdentity" in json.loads(each) for each in patterns)
