"""Rules for what is noticed."""

from collections.abc import Iterable

from mapping_lint.mappings import GUIDE
from mapping_lint.references import mentions
from mapping_lint.rule import Complaint, Rule
from mapping_lint.template import ALARM, Template

METRIC = "IteratorAge"


def unwatched_lags(template: Template) -> Iterable[Complaint]:
    watched = {
        name
        for _, alarm in template.properties(ALARM)
        if METRIC in str(alarm.get("MetricName")) or METRIC in str(alarm.get("Metrics"))
        for name in mentions(alarm)
    }
    for mapping in template.stream_mappings():
        if mapping.function and mapping.function not in watched:
            yield Complaint(mapping.name, f"may fall behind unnoticed: no alarm looks at {mapping.function}'s {METRIC}")


RULES = (
    Rule(
        "lags-are-noticed",
        "a consumer is a day behind before anybody knows, and then its records are trimmed",
        f"{GUIDE}/monitoring-metrics-types.html",
        unwatched_lags,
    ),
)
