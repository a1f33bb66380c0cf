"""What the alarms and the dashboard of template.yaml look at."""

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from mapping_lint.template import ALARM, Json, Template

COMPOSITE = "AWS::CloudWatch::CompositeAlarm"
OURS = "ours"
"""Stands for the namespace of the stack, in which its functions count."""

ANY = "*"
SEARCHED = re.compile(r'SEARCH\(\'\{"ours",([\w,]+)\} MetricName="(\w+)"\'')
QUERIED = re.compile(r'SELECT \w+\((\w+)\) FROM SCHEMA\("([\w/]+)"')


@dataclass(frozen=True, slots=True)
class Metric:
    """A metric by namespace, name and the function that counts it: ``ANY`` where all of them are asked for."""

    namespace: str
    name: str
    service: str = ""


def alarmed(template: Template) -> set[Metric]:
    """Return what some alarm looks at."""
    return {metric for _, alarm in template.properties(ALARM) for metric in metrics_of(alarm)}


def metrics_of(alarm: Json) -> Iterator[Metric]:
    if "MetricName" in alarm:
        yield _metric(alarm)
    for entry in flattened(alarm.get("Metrics", [])):
        if "MetricStat" in entry:
            yield _metric(entry["MetricStat"]["Metric"])
        for name, namespace in QUERIED.findall(str(entry.get("Expression", ""))):
            yield Metric(namespace, name)


def flattened(entries: Iterable[Json]) -> Iterator[Json]:
    """Resolve conditions: every entry that any choice may bring."""
    for entry in entries:
        match entry:
            case {"Fn::If": [_, *branches]}:
                yield from (branch for branch in branches if branch != {"Ref": "AWS::NoValue"})
            case _:
                yield entry


def _metric(written: Json) -> Metric:
    namespace = OURS if isinstance(written["Namespace"], dict) else written["Namespace"]
    services = [each["Value"] for each in written["Dimensions"] if each["Name"] == "service"]
    return Metric(namespace, written["MetricName"], services[0] if services else "")


def widgets(template: Template) -> list[Json]:
    """Return the widgets of the dashboard, with the names of resources in place of what these will be."""
    return list(json.loads(dashboard_body(template))["widgets"])


def dashboard_body(template: Template) -> str:
    """Return the text that CloudWatch gets, with the names of resources in place of what these will be; of a choice,
    what there is most of."""
    text, variables = template.named("Dashboard")["DashboardBody"]["Fn::Sub"]
    inserted = {name: _most(value) for name, value in variables.items()} | {"Ours": OURS}
    for name, value in inserted.items():
        text = text.replace(f"${{{name}}}", value)
    return re.sub(r"\$\{(!?)(\w+)([^}]*)\}", lambda match: match[2], text)


def _most(value: Any) -> str:
    match value:
        case {"Fn::If": [_, most, _]}:
            return _most(most)
        case {"Fn::Sub": str(text)}:
            return text
        case {"Fn::Join": [str(separator), list(parts)]}:
            return separator.join(_most(part) for part in parts)
    return str(value)


def shown(template: Template) -> set[Metric]:
    """Return what the dashboard draws."""
    return {metric for widget in widgets(template) for metric in _shown(widget["properties"].get("metrics", []))}


def _shown(lines: list[list[Any]]) -> Iterator[Metric]:
    for line in lines:
        if isinstance(line[0], dict):
            yield from (Metric(OURS, name, ANY) for _, name in SEARCHED.findall(line[0]["expression"]))
    for line in drawn(lines):
        yield Metric(line[0], line[1], line[3] if line[2] == "service" else "")


def drawn(lines: Iterable[list[Any]]) -> Iterator[list[str]]:
    """Return the metrics of a graph, written out: namespace, name, and its dimensions, each with its value.

    A dot stands for what stands in the same place of the line above it, and an ellipsis for all before it.
    """
    before: list[Any] = []
    for line in lines:
        if isinstance(line[0], dict):
            continue
        whole = [*before[: len(before) - len(line) + 1], *line[1:]] if line[0] == "..." else line
        before = [old if new == "." else new for old, new in zip([*before, *whole][: len(whole)], whole, strict=True)]
        yield before
