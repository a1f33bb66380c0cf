"""One evaluation of an alarm, and a composite alarm."""

from typing import Any

import pytest

from alarms import Alarm, AlarmState, CompositeAlarm, Datum, Metric, MetricData, Readings
from alarms.tokens import ExpressionRefused

ERRORS = Metric.of("AWS/Lambda", "Errors", {"FunctionName": "f"})


def alarm(**changes: Any) -> Alarm:
    request = {
        "AlarmName": "Errors",
        "Namespace": "AWS/Lambda",
        "MetricName": "Errors",
        "Dimensions": [{"Name": "FunctionName", "Value": "f"}],
        "Statistic": "Sum",
        "Period": 60,
        "EvaluationPeriods": 1,
        "Threshold": 0,
        "ComparisonOperator": "GreaterThanThreshold",
        "TreatMissingData": "notBreaching",
    }
    return Alarm.of(request | changes)


def filled(**changes: Any) -> Alarm:
    metric = {
        "Namespace": "AWS/Lambda",
        "MetricName": "Errors",
        "Dimensions": [{"Name": "FunctionName", "Value": "f"}],
    }
    stat = {"Metric": metric, "Stat": "Sum", "Period": 60}
    entries = [
        {"Id": "all", "Expression": "SUM(FILL(METRICS(), 0))"},
        {"Id": "f", "MetricStat": stat, "ReturnData": False},
    ]
    return alarm(Metrics=entries, **changes)


def states(watched: Alarm, data: MetricData, readings: Readings, minutes: int = 20) -> list[str]:
    """The state at each minute from 0 on."""
    seen, state = [], AlarmState.OK
    for minute in range(minutes):
        state = watched.evaluate(data, minute * 60.0, state, readings).state
        seen.append(str(state))
    return seen


def test_a_datapoint_counts_from_its_arrival_until_its_period_leaves_the_range() -> None:
    data = MetricData()
    data.put(ERRORS, Datum.of(1, timestamp=310, arrival=400))

    seen = states(alarm(EvaluationPeriods=5, DatapointsToAlarm=1), data, Readings(extra_periods=0))

    assert [minute for minute, state in enumerate(seen) if state == "ALARM"] == [7, 8, 9, 10]


def test_filled_late_metrics_never_reach_an_alarm_on_one_of_one() -> None:
    data = MetricData()
    data.put(ERRORS, *(Datum.of(1, at, arrival=at + 90) for at in range(0, 1200, 10)))

    for extra in (0, 2):
        assert set(states(filled(), data, Readings(extra))) == {"OK"}
    assert "ALARM" in states(filled(EvaluationPeriods=5, DatapointsToAlarm=1), data, Readings(0))


def test_periods_of_several_minutes_move_by_a_minute() -> None:
    data = MetricData()
    data.put(ERRORS, Datum.of(1, timestamp=130))

    seen = states(alarm(Period=300), data, Readings(extra_periods=0))

    assert [minute for minute, state in enumerate(seen) if state == "ALARM"] == [3, 4, 5, 6, 7]


@pytest.mark.parametrize(
    ("statistic", "breaching"), [("Sum", 6), ("Maximum", 4), ("Minimum", 2), ("Average", 3), ("SampleCount", 2)]
)
def test_each_statistic_is_taken_over_the_period(statistic: str, breaching: float) -> None:
    data = MetricData()
    data.put(ERRORS, Datum.of(2, 10), Datum.of(4, 50))

    def state(threshold: float) -> AlarmState:
        watched = alarm(Statistic=statistic, Threshold=threshold, ComparisonOperator="GreaterThanOrEqualToThreshold")
        return watched.evaluate(data, 60, AlarmState.OK, Readings()).state

    assert (state(breaching), state(breaching + 0.1)) == (AlarmState.ALARM, AlarmState.OK)


def query() -> Alarm:
    expression = (
        "SELECT MAX(Age) FROM SCHEMA(\"AWS/DynamoDB\", DelegatedOperation, TableName) WHERE TableName = 'tasks'"
    )
    return alarm(Metrics=[{"Id": "age", "Expression": expression, "Period": 60}])


def test_a_query_takes_the_metrics_of_its_schema_alone() -> None:
    data = MetricData()
    for dimensions in (
        {"TableName": "tasks", "DelegatedOperation": "any"},
        {"TableName": "others", "DelegatedOperation": "any"},
        {"TableName": "tasks"},
    ):
        value = 5 if dimensions == {"TableName": "tasks", "DelegatedOperation": "any"} else 99
        data.put(Metric.of("AWS/DynamoDB", "Age", dimensions), Datum.of(value, 10))

    evaluation = query().evaluate(data, 60, AlarmState.OK, Readings())

    assert evaluation.state is AlarmState.ALARM
    assert "[5 (01/01/70 00:00:00)]" in query().reason(evaluation)


@pytest.mark.parametrize(
    ("readings", "expected"),
    [
        (Readings(), AlarmState.OK),
        (Readings(ignores_missing_dynamodb=True), AlarmState.ALARM),
        (Readings(empty_query_is_insufficient=True), AlarmState.INSUFFICIENT_DATA),
    ],
)
def test_missing_dynamodb_data_means_what_the_chosen_reading_says(readings: Readings, expected: AlarmState) -> None:
    assert query().evaluate(MetricData(), 60, AlarmState.ALARM, readings).state is expected


def test_expressions_may_name_each_other_in_any_order() -> None:
    entries = [
        {"Id": "result", "Expression": "IF(broken > 0, 1, 0)"},
        {"Id": "broken", "Expression": "SUM([f, TIME_SERIES(0)])", "ReturnData": False},
        {
            "Id": "f",
            "ReturnData": False,
            "MetricStat": {
                "Period": 60,
                "Stat": "Sum",
                "Metric": {
                    "Namespace": "AWS/Lambda",
                    "MetricName": "Errors",
                    "Dimensions": [{"Name": "FunctionName", "Value": "f"}],
                },
            },
        },
    ]
    data = MetricData()
    data.put(ERRORS, Datum.of(3, 10))

    assert alarm(Metrics=entries).evaluate(data, 60, AlarmState.OK, Readings()).state is AlarmState.ALARM


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ('ALARM("a")', AlarmState.ALARM),
        ('ALARM("b") OR FALSE', AlarmState.OK),
        ('OK("b") AND NOT ALARM(c)', AlarmState.ALARM),
        ('(ALARM("b") OR INSUFFICIENT_DATA("c")) AND ALARM("a")', AlarmState.ALARM),
        ('ALARM("b") AND ALARM("a") OR ALARM("a")', AlarmState.ALARM),
    ],
)
def test_a_composite_alarm_follows_its_rule(rule: str, expected: AlarmState) -> None:
    known = {"a": AlarmState.ALARM, "b": AlarmState.OK, "c": AlarmState.INSUFFICIENT_DATA}

    assert CompositeAlarm("composite", rule).evaluate(known) is expected


@pytest.mark.parametrize("rule", ['ALARM("nobody")', "ALARM(", 'ALARM("a") ALARM("a")', "a"])
def test_a_rule_that_cannot_be_evaluated_is_refused(rule: str) -> None:
    with pytest.raises(ExpressionRefused):
        CompositeAlarm("composite", rule).evaluate({"a": AlarmState.OK})
