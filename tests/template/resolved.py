"""The alarms of the template as CloudWatch gets them, under chosen conditions."""

import re
from collections.abc import Iterator
from typing import Any

from alarms import Alarm
from mapping_lint.template import ALARM, Json, Template

EVERY_CONDITION = frozenset({"Gradually", "GraduallyWithSearch", "WithSearch", "OwnReplica", "ReplicaInThisRegion"})
"""Everything that can be chosen and adds an alarm or a metric; `EnhancedFanOut` changes one."""

NOTHING = {"Ref": "AWS::NoValue"}


def resolved_alarms(template: Template, conditions: frozenset[str] = EVERY_CONDITION) -> Iterator[Alarm]:
    for request in alarm_requests(template, conditions):
        yield Alarm.of(request)


def alarm_requests(template: Template, conditions: frozenset[str] = EVERY_CONDITION) -> Iterator[Json]:
    """Return each alarm that exists under the conditions, as a PutMetricAlarm request named by its logical id.

    A reference resolves to the logical id of its target, an attribute to "Target.Attribute".
    """
    for name, resource in template.written["Resources"].items():
        if resource["Type"] == ALARM and _exists(template, resource.get("Condition"), conditions):
            yield resolved(resource["Properties"], conditions) | {"AlarmName": name}


def _exists(template: Template, condition: str | None, conditions: frozenset[str]) -> bool:
    return condition is None or condition in conditions or _holds(template.written["Conditions"][condition], conditions)


def _holds(formula: Any, conditions: frozenset[str]) -> bool:
    """Decide what a condition is made of; whatever is not made of other conditions or of constants does not hold."""
    match formula:
        case {"Condition": str(name)}:
            return name in conditions
        case {"Fn::Or": [*parts]}:
            return any(_holds(part, conditions) for part in parts)
        case {"Fn::Not": [{"Fn::Equals": [str(one), str(other)]}]}:
            return one != other
    return False


def resolved(value: Any, conditions: frozenset[str]) -> Any:
    match value:
        case {"Fn::If": [condition, met, unmet]}:
            return resolved(met if condition in conditions else unmet, conditions)
        case {"Ref": str(name)}:
            return name
        case {"Fn::GetAtt": [*path]}:
            return ".".join(path)
        case {"Fn::Sub": [str(text), variables]}:
            return _substituted(text, resolved(variables, conditions))
        case {"Fn::Sub": str(text)}:
            return _substituted(text, {})
        case dict():
            return {key: resolved(inner, conditions) for key, inner in value.items()}
        case list():
            kept = [inner for inner in value if not _is_left_out(inner, conditions)]
            return [resolved(inner, conditions) for inner in kept]
    return value


def _substituted(text: str, variables: Json) -> str:
    return re.sub(r"\$\{([\w.:]+)\}", lambda match: str(variables.get(match[1], match[1])), text)


def _is_left_out(value: Any, conditions: frozenset[str]) -> bool:
    match value:
        case {"Fn::If": [condition, met, unmet]}:
            return bool((met if condition in conditions else unmet) == NOTHING)
    return bool(value == NOTHING)
