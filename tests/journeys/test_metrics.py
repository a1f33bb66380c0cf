"""What the functions count while the demo plays, and what the alarms and the dashboard look at, are the same."""

import json
import re
from collections.abc import Iterator

import pytest

from changestream.recovery.recovery_telemetry import METRICS
from journeys.conftest import Played
from template.application import application
from template.watch import ANY, OURS, Metric, alarmed, shown

pytestmark = pytest.mark.journey

NOT_IN_THE_DEMO = {
    Metric(OURS, "ExpiredTombstones", "expire_tombstones"): "the search index has no tombstone of that age",
    Metric(OURS, "HandedOverRecords", "measure_changes"): "counted where a window cannot be written down",
    Metric(OURS, "NotRecovered", "recover_batches"): "counted where a message comes back",
    Metric(OURS, "StillParked", "redrive_parked"): "counted by runs of the schedule, before which the demo ends",
} | {
    Metric(OURS, name, "recover_batches"): f"counted where one is parked for {reason}"
    for reason, name in METRICS.items()
}
"""Metrics that some runs of the demo emit and others do not, with the reason."""


def emitted(log: str) -> Iterator[Metric]:
    """What the functions wrote in CloudWatch's embedded metric format, under the dimensions that alarms and dashboard
    ask for (``tests/template/test_watch_bounds.py``); cold starts are told of each function."""
    for text in re.findall(r'\{"_aws":.*\}$', log, re.MULTILINE):
        line = json.loads(text)
        for directive in line["_aws"]["CloudWatchMetrics"]:
            assert directive["Dimensions"] in ([["service"]], [["function_name", "service"]])
            for metric in directive["Metrics"]:
                yield Metric(OURS, metric["Name"], line["service"])


@pytest.fixture(scope="module")
def looked_at() -> set[Metric]:
    template = application()
    return {metric for metric in alarmed(template) | shown(template) if metric.namespace == OURS}


def test_whatever_is_counted_is_shown_or_alarmed_on(played: Played, looked_at: set[Metric]) -> None:
    counted = set(emitted(played.log))

    unseen = {one for one in counted if not {one, Metric(OURS, one.name, ANY)} & looked_at}

    assert len(counted) > 30
    assert unseen == set()


def test_whatever_is_looked_at_is_counted(played: Played, looked_at: set[Metric]) -> None:
    counted = set(emitted(played.log)) | NOT_IN_THE_DEMO.keys()

    names = {one.name for one in counted}

    uncounted = {one for one in looked_at if one not in counted and not (one.service == ANY and one.name in names)}
    assert uncounted == set()
