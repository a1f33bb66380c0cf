"""Alarms and dashboard within what CloudWatch takes and can evaluate: no emulator here makes them."""

import re
from collections.abc import Iterator

import pytest

from mapping_lint.references import target
from mapping_lint.template import ALARM, Template
from template.application import application
from template.resolved import EVERY_CONDITION, alarm_requests
from template.watch import COMPOSITE, OURS, dashboard_body, drawn, flattened, widgets

DIMENSIONS = {  # by the page of docs.aws.amazon.com that says so
    ("AWS/Lambda", "FunctionName"): (  # lambda/latest/dg/monitoring-metrics-types.html
        {"Errors", "IteratorAge", "Throttles"}
    ),
    ("AWS/Lambda", "EventSourceMappingUUID"): {"DroppedEventCount", "PolledEventCount"},  # as there
    ("AWS/Lambda", "FunctionName", "Resource", "ExecutedVersion"): {"Errors"},  # as there, and monitoring-metrics.html
    ("AWS/Kinesis", "StreamName"): (  # streams/latest/dev/monitoring-with-cloudwatch.html
        {"IncomingRecords", "ReadProvisionedThroughputExceeded", "WriteProvisionedThroughputExceeded"}
    ),
    ("AWS/DynamoDB", "TableName"): (  # amazondynamodb/latest/developerguide/metrics-dimensions.html
        {"ConsumedWriteCapacityUnits", "TimeToLiveDeletedItemCount", "WriteThrottleEvents"}
    ),
    ("AWS/SQS", "QueueName"): (  # AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-available-cloudwatch-metrics.html
        {"ApproximateAgeOfOldestMessage", "ApproximateNumberOfMessagesVisible"}
    ),
    ("AWS/SNS", "TopicName"): {"NumberOfNotificationsFailed"},  # sns/latest/dg/sns-monitoring-using-cloudwatch.html
    ("AWS/ApiGateway", "ApiId"): {"5xx"},  # apigateway/latest/developerguide/http-api-metrics.html
}
QUERIED = {"AgeOfOldestUnreplicatedRecord", "FailedToReplicateRecordCount"}
"""With the dimensions TableName and DelegatedOperation (DynamoDB Developer Guide, "Kinesis Data Streams: metrics")."""

MOST_METRICS = MOST_EXPRESSIONS = 10
LONGEST_EXPRESSION = 1_024
"""Of one alarm (CloudFormation, ``AWS::CloudWatch::Alarm MetricDataQuery``)."""

DAY = 86_400
LONGEST_STACK = 100
"""Characters of a stack's name, up to which ten more consumers fit into the rule of ChangesAtRiskAlarm."""

MOST_CONSUMERS = 8 + 10
LONGEST_SUFFIX = len("-000000000000") + 1
"""What CloudFormation adds to the name of a stack and to a logical id, to name an alarm."""

LONGEST_RULE, MOST_CHILDREN, LONGEST_DESCRIPTION = 10_240, 100, 1_024
"""API reference, ``PutCompositeAlarm`` and ``PutMetricAlarm``."""


@pytest.fixture(scope="module")
def template() -> Template:
    return application()


def asked_for(template: Template) -> Iterator[tuple[str, str, tuple[str, ...]]]:
    """Every metric that an alarm looks at, as (namespace, name, names of its dimensions)."""
    for _, alarm in template.properties(ALARM):
        written = [each["MetricStat"]["Metric"] for each in flattened(alarm.get("Metrics", [])) if "MetricStat" in each]
        for metric in [*written, *([alarm] if "MetricName" in alarm else [])]:
            namespace = metric["Namespace"] if isinstance(metric["Namespace"], str) else OURS
            yield namespace, metric["MetricName"], tuple(each["Name"] for each in metric["Dimensions"])


def test_every_metric_of_awss_is_one_that_it_emits_with_those_dimensions(template: Template) -> None:
    of_lines = [line for widget in widgets(template) for line in drawn(widget["properties"].get("metrics", []))]
    asked = [*asked_for(template), *((line[0], line[1], tuple(line[2::2])) for line in of_lines)]

    unknown = {each for each in asked if each[0] != OURS and each[1] not in DIMENSIONS.get((each[0], *each[2]), ())}
    ours = {dimensions for namespace, _, dimensions in asked if namespace == OURS}

    assert unknown == set()
    assert ours == {("service",)}


def test_what_is_queried_is_known_too(template: Template) -> None:
    queries = [each for _, alarm in template.properties(ALARM) for each in re.findall(r"\((\w+)\) FROM", str(alarm))]

    assert set(queries) == QUERIED


CHOICES = [frozenset({"Gradually"}), EVERY_CONDITION, EVERY_CONDITION | {"EnhancedFanOut"}]


@pytest.mark.parametrize("conditions", CHOICES, ids=["least", "most", "pushed"])
def test_every_expression_is_of_metrics_that_its_alarm_has_and_no_more_than_it_may(
    template: Template, conditions: frozenset[str]
) -> None:
    for alarm in alarm_requests(template, conditions):
        entries, name = alarm.get("Metrics", []), alarm["AlarmName"]
        ids = [each["Id"] for each in entries]
        metrics = [each for each in entries if "MetricStat" in each]
        assert all(re.fullmatch(r"[a-z]\w*", each) for each in ids), name
        assert len(ids) == len(set(ids)), name
        assert [each["ReturnData"] for each in entries].count(True) == bool(entries), name
        assert len({each["MetricStat"]["Period"] for each in metrics}) <= 1, name
        assert len(metrics) <= MOST_METRICS, name
        assert len(entries) - len(metrics) <= MOST_EXPRESSIONS, name
        assert all(len(each.get("Expression", "")) <= LONGEST_EXPRESSION for each in entries), name


def test_an_alarm_looks_no_further_back_than_a_day(template: Template) -> None:
    for name, alarm in template.properties(ALARM):
        periods = [alarm[key] for key in ("Period",) if key in alarm]
        periods += list(map(int, re.findall(r"'Period': (\d+)", str(alarm.get("Metrics")))))
        assert all(period in (10, 20, 30) or period % 60 == 0 for period in periods), name
        assert max(periods) * alarm["EvaluationPeriods"] <= DAY, name
        assert alarm.get("DatapointsToAlarm", 1) <= alarm["EvaluationPeriods"], name
        assert len(alarm["AlarmDescription"]) <= LONGEST_DESCRIPTION, name


def children(template: Template) -> list[tuple[str, str]]:
    """The alarms of the composite one's rule, each with the condition under which it is named there."""
    separator, entries = template.named("ChangesAtRiskAlarm")["AlarmRule"]["Fn::Join"]
    assert separator == " OR "
    found = []
    for entry in entries:
        condition, rule = (entry["Fn::If"][0], entry["Fn::If"][1]) if "Fn::If" in entry else ("", entry)
        found += [(_alarm_of(part), condition) for part in rule["Fn::Sub"].split(separator)]
    return found


def _alarm_of(rule: str) -> str:
    named = re.fullmatch(r'ALARM\("\$\{(\w+)\}"\)', rule)
    assert named
    return named[1]


def test_changes_at_risk_names_alarms_that_are_there_whenever_it_names_them(template: Template) -> None:
    for conditions in (EVERY_CONDITION, EVERY_CONDITION - {"WithSearch", "GraduallyWithSearch"}):
        alarms = {request["AlarmName"] for request in alarm_requests(template, conditions)}

        named = {name for name, condition in children(template) if not condition or condition in conditions}

        assert named <= alarms


def test_changes_at_risk_has_room_for_ten_more_consumers_than_the_application_has(template: Template) -> None:
    names = [name for name, _ in children(template)]
    of_one = [name for name in names if name.startswith("ProjectLicences")]
    names += of_one * (MOST_CONSUMERS - len(template.written["Mappings"]["Consumers"]["All"]["Names"]))

    longest = len(" OR ".join(f'ALARM("{"x" * (LONGEST_STACK + LONGEST_SUFFIX)}{name}")' for name in names))

    assert len(of_one) > 2
    assert longest <= LONGEST_RULE
    assert len(names) <= MOST_CHILDREN
    assert [target(action) for _, alarm in template.properties(COMPOSITE) for action in alarm["OKActions"]] == [
        "AlarmsTopic"
    ]


def test_every_graph_says_its_region_and_every_alarm_shown_is_always_there(template: Template) -> None:
    always = {request["AlarmName"] for request in alarm_requests(template, frozenset())}
    conditional = {name for name, _ in template.of_type(ALARM)} - always

    graphs = [widget for widget in widgets(template) if widget["type"] == "metric"]
    shown = [arn for widget in widgets(template) for arn in widget["properties"].get("alarms", [])]

    assert {graph["properties"]["region"] for graph in graphs} == {"AWS"}  # of AWS::Region
    assert conditional.isdisjoint(shown)
    assert len(dashboard_body(template)) < 100_000
