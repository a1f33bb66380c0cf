"""Alarms that any client puts are evaluated as CloudWatch does."""

from typing import Any
from uuid import uuid4

import pytest
from botocore.exceptions import ClientError

from local_aws.alarm_states import AlarmStates
from served_aws import ACCOUNT_ID, Aws

NAMESPACE = "Tests"


@pytest.fixture
def cloudwatch(aws: Aws) -> Any:
    services = aws.endpoint.services
    services.prepare_first("cloudwatch", AlarmStates(ACCOUNT_ID, services, aws.clock).evaluate)
    return aws.client("cloudwatch")


def put_alarm(cloudwatch: Any, **changes: Any) -> str:
    name = f"alarm-{uuid4()}"
    definition = {
        "AlarmName": name,
        "Namespace": NAMESPACE,
        "MetricName": name,
        "Statistic": "Sum",
        "Period": 60,
        "EvaluationPeriods": 5,
        "DatapointsToAlarm": 1,
        "Threshold": 0,
        "ComparisonOperator": "GreaterThanThreshold",
        "TreatMissingData": "notBreaching",
    }
    cloudwatch.put_metric_alarm(**definition | changes)
    return name


def described(cloudwatch: Any, name: str) -> tuple[str, str]:
    (alarm,) = cloudwatch.describe_alarms(AlarmNames=[name])["MetricAlarms"]
    return alarm["StateValue"], alarm["StateReason"]


def test_an_alarm_fires_on_a_metric_that_a_client_puts_and_ends(aws: Aws, cloudwatch: Any) -> None:
    name = put_alarm(cloudwatch)
    cloudwatch.put_metric_data(Namespace=NAMESPACE, MetricData=[{"MetricName": name, "Value": 3}])

    aws.clock.ahead = 120
    state, reason = described(cloudwatch, name)
    aws.clock.ahead = 1200
    later, _ = described(cloudwatch, name)

    assert (state, later) == ("ALARM", "OK")
    assert "1 out of 5 greater than 0.0" in reason
    assert "3.0" in reason


def test_an_alarm_that_this_endpoint_cannot_evaluate_says_so(aws: Aws, cloudwatch: Any) -> None:
    name = put_alarm(cloudwatch, Statistic="SampleCount", TreatMissingData="missing")
    metric = {"Namespace": NAMESPACE, "MetricName": name}
    entries = [
        {"Id": "m", "MetricStat": {"Metric": metric, "Stat": "Sum", "Period": 60}, "ReturnData": False},
        {"Id": "e", "Expression": "ANOMALY_DETECTION_BAND(m)"},
    ]
    strange = f"strange-{uuid4()}"
    cloudwatch.put_metric_alarm(
        AlarmName=strange,
        Metrics=entries,
        EvaluationPeriods=1,
        Threshold=1,
        ComparisonOperator="GreaterThanThreshold",
    )

    aws.clock.ahead = 120

    assert described(cloudwatch, name)[0] == "INSUFFICIENT_DATA"
    state, reason = described(cloudwatch, strange)
    assert state == "INSUFFICIENT_DATA"
    assert "ANOMALY_DETECTION_BAND" in reason


@pytest.mark.parametrize("expression", ["FILL(m, 10) ^ 999", "(" * 300 + "m" + ")" * 300, "-" * 1000 + "m"])
def test_an_alarm_that_cannot_be_evaluated_does_not_stop_the_others(aws: Aws, cloudwatch: Any, expression: str) -> None:
    metric = {"Namespace": NAMESPACE, "MetricName": "m"}
    entries = [
        {"Id": "m", "MetricStat": {"Metric": metric, "Stat": "Sum", "Period": 60}, "ReturnData": False},
        {"Id": "e", "Expression": expression},
    ]
    strange = f"strange-{uuid4()}"
    cloudwatch.put_metric_alarm(
        AlarmName=strange,
        Metrics=entries,
        EvaluationPeriods=1,
        Threshold=1,
        ComparisonOperator="GreaterThanThreshold",
    )
    name = put_alarm(cloudwatch)
    cloudwatch.put_metric_data(Namespace=NAMESPACE, MetricData=[{"MetricName": name, "Value": 3}])

    aws.clock.ahead += 120

    assert described(cloudwatch, name)[0] == "ALARM"
    state, reason = described(cloudwatch, strange)
    assert (state, "cannot evaluate the alarm" in reason) == ("INSUFFICIENT_DATA", True)
    cloudwatch.delete_alarms(AlarmNames=[strange, name])


@pytest.mark.parametrize(
    "changes",
    [
        {"EvaluationPeriods": 10**9},
        {"EvaluationPeriods": 1441},
        {"Period": 3600, "EvaluationPeriods": 169},
        {"DatapointsToAlarm": 6},
    ],
)
def test_an_alarm_evaluates_no_more_than_cloudwatch_allows(cloudwatch: Any, changes: dict[str, int]) -> None:
    with pytest.raises(ClientError) as refused:
        put_alarm(cloudwatch, **changes)

    assert refused.value.response["ResponseMetadata"]["HTTPStatusCode"] == 400
