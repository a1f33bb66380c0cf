"""Rules for what is noticed."""

from collections.abc import Iterable

from mapping_lint.mappings import GUIDE
from mapping_lint.references import mentions
from mapping_lint.rule import Complaint, Rule
from mapping_lint.template import ALARM, Template

METRIC = "IteratorAge"
"""Of a function; a Kinesis stream has one too, of whoever reads it (``GetRecords.IteratorAgeMilliseconds``)."""


def unwatched_lags(template: Template) -> Iterable[Complaint]:
    alarms = [
        alarm
        for _, alarm in template.properties(ALARM)
        if METRIC in str(alarm.get("MetricName")) or METRIC in str(alarm.get("Metrics"))
    ]
    watched = {name for alarm in alarms for name in mentions(alarm)}
    for mapping in template.stream_mappings():
        if not mapping.function or watched & {mapping.function, mapping.source}:
            continue
        given = template.named(mapping.function).get("FunctionName")
        if not given or not any(repr(given) in str(alarm) for alarm in alarms):
            yield Complaint(mapping.name, f"may fall behind unnoticed: no alarm looks at {mapping.function}'s {METRIC}")


RULES = (
    Rule(
        "lags-are-noticed",
        "a consumer is a day behind before anybody knows, and then its records are trimmed",
        f"{GUIDE}/monitoring-metrics-types.html",
        unwatched_lags,
    ),
)
