"""Every mapping, function, queue and stream is watched; what the dashboard draws, it draws where it can be read."""

import pytest

from mapping_lint.references import mentions, target
from mapping_lint.template import ALARM, FUNCTION, MAPPING, STREAM, TOPIC, Template
from template.application import application
from template.watch import COMPOSITE, Metric, alarmed, flattened, widgets

MILLISECONDS = 1000
COLUMNS = 24


@pytest.fixture(scope="module")
def template() -> Template:
    return application()


def test_a_consumer_that_falls_behind_is_noticed_in_half_of_the_time_that_its_mapping_gives_it(
    template: Template,
) -> None:
    ages = {mapping.function: mapping.properties["MaximumRecordAgeInSeconds"] for mapping in template.stream_mappings()}

    thresholds = {
        alarm["Dimensions"][0]["Value"]["Ref"]: alarm["Threshold"]
        for _, alarm in template.properties(ALARM)
        if alarm.get("MetricName") == "IteratorAge"
    }

    assert thresholds == {function: age * MILLISECONDS // 2 for function, age in ages.items()}


OF_THE_API = {"TasksApiFunction"}
"""Functions that are watched where it is felt: API Gateway answers each crash, time-out and throttle with 5xx."""


def looked_at(template: Template, metric: str) -> set[str]:
    """The functions or mappings of which some alarm looks at a metric of Lambda's."""
    found = set()
    for _, alarm in template.properties(ALARM):
        parts = [
            entry["MetricStat"]["Metric"] for entry in flattened(alarm.get("Metrics", [])) if "MetricStat" in entry
        ]
        for part in [*parts, *([alarm] if "MetricName" in alarm else [])]:
            if part["MetricName"] == metric:
                found.add(part["Dimensions"][0]["Value"]["Ref"])
    return found


@pytest.mark.parametrize("metric", ["Errors", "Throttles"])
def test_every_function_is_watched_for(template: Template, metric: str) -> None:
    functions = {name for name, _ in template.properties(FUNCTION)}

    assert looked_at(template, metric) == functions - OF_THE_API
    assert template.named("ApiFailsAlarm")["MetricName"] == "5xx"


@pytest.mark.parametrize("metric", ["DroppedEventCount", "PolledEventCount"])
def test_every_mapping_of_a_stream_is_watched_for(template: Template, metric: str) -> None:
    assert looked_at(template, metric) == {mapping.name for mapping in template.stream_mappings()}


def test_every_mapping_counts_its_events(template: Template) -> None:
    counting = {name: mapping.get("MetricsConfig") for name, mapping in template.properties(MAPPING)}

    assert len(counting) > 8
    assert all(metrics == {"Metrics": ["EventCount"]} for metrics in counting.values())


def test_a_topic_on_the_way_of_failed_batches_is_watched_for_what_it_cannot_deliver(template: Template) -> None:
    """The mapping has done its part once the topic has the message: Lambda counts nothing then."""
    destinations = {
        target(mapping.properties["DestinationConfig"]["OnFailure"]["Destination"])
        for mapping in template.stream_mappings()
    }
    topics = {name for name, _ in template.properties(TOPIC)} & destinations

    watched = {
        target(alarm["Dimensions"][0]["Value"])
        for _, alarm in template.properties(ALARM)
        if alarm.get("MetricName") == "NumberOfNotificationsFailed"
    }

    assert watched == topics != set()


def test_every_stream_is_watched_for_refused_writes_and_reads(template: Template) -> None:
    streams = {name for name, _ in template.properties(STREAM)}

    watched = {
        name: {one for one in mentions(alarm.get("Metrics", [])) if one in streams}
        for name, alarm in template.properties(ALARM)
        if "ProvisionedThroughputExceeded" in str(alarm)
    }

    assert set.union(*watched.values()) == streams


def test_every_alarm_tells_somebody_and_says_where_to_read_on(template: Template) -> None:
    alarms = [*template.properties(ALARM), *template.properties(COMPOSITE)]

    silent = [name for name, alarm in alarms if alarm["AlarmActions"] != [{"Ref": "AlarmsTopic"}]]
    unexplained = [name for name, alarm in alarms if " docs/runbook.md#" not in alarm["AlarmDescription"]]

    assert not silent
    assert not unexplained


def test_every_alarm_says_what_silence_means(template: Template) -> None:
    alarms = dict(template.properties(ALARM))

    breaching = {name for name, alarm in alarms.items() if alarm["TreatMissingData"] == "breaching"}

    assert all("TreatMissingData" in alarm for alarm in alarms.values())
    assert breaching == {"RedriveStoppedAlarm"}


def test_changes_at_risk_is_made_of_alarms_that_stand(template: Template) -> None:
    rule = str(template.named("ChangesAtRiskAlarm")["AlarmRule"])

    behind = [
        name
        for name, _ in template.properties(ALARM)
        if name.endswith(("BehindAlarm", "SilentAlarm", "DestinationAlarm"))
    ]

    assert [name for name in behind if f"${{{name}}}" not in rule] == []


def test_the_figures_of_two_stacks_are_never_mixed(template: Template) -> None:
    for _, function in template.properties(FUNCTION):
        namespace = function["Environment"]["Variables"]["POWERTOOLS_METRICS_NAMESPACE"]
        assert namespace == {"Fn::Sub": "Changestream/${AWS::StackName}"}


def test_the_widgets_of_the_dashboard_neither_overlap_nor_leave_the_page(template: Template) -> None:
    taken: dict[tuple[int, int], str] = {}

    for widget in widgets(template):
        for x in range(widget["x"], widget["x"] + widget["width"]):
            for y in range(widget["y"], widget["y"] + widget["height"]):
                assert (x, y) not in taken
                assert x < COLUMNS
                taken[x, y] = widget["type"]


def test_what_is_alarmed_on_is_found_by_the_rules_above(template: Template) -> None:
    found = alarmed(template)

    assert Metric("ours", "Expired", "recover_batches") in found
    assert Metric("AWS/DynamoDB", "FailedToReplicateRecordCount") in found
    assert Metric("AWS/Lambda", "Errors") in found
