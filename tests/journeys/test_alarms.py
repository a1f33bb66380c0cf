"""A fault raises the alarms of the running stack, and they end once it is over: the runbook can be rehearsed here.

count_tasks and its alarms as template.yaml deploys them; only the alarms' clock is put forward.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, NamedTuple

import pytest
import requests

from journeys.conftest import ROOT
from journeys.small_stack import small_stack
from local_aws.runtime import Runtime
from served_aws import ACCOUNT_ID, REGION, AdjustableClock, Aws, eventually

pytestmark = pytest.mark.journey

KEPT = ("TasksTable", "TaskCounts", "CountTasks", "ChangestreamLayer", "FailedBatchesQueue", "AlarmsTopic")
ALARMS = ("CountTasksBehindAlarm", "CountTasksErrorsAlarm", "CountTasksDestinationAlarm", "ChangesAtRiskAlarm")
MINUTE = 60.0


class Stack(NamedTuple):
    aws: Aws
    clock: AdjustableClock
    outputs: dict[str, str]

    def write(self, number: int) -> None:
        item = {"listId": "list-1", "taskId": f"task-{number}", "status": "open", "description": "Buy milk"}
        item |= {"createdDate": "2026-01-01T09:00:00Z"}
        self.aws.client("dynamodb").put_item(
            TableName=self.outputs["TasksTableName"], Item={name: {"S": value} for name, value in item.items()}
        )

    def states(self) -> dict[str, str]:
        """The state of each alarm, by the end of its logical id."""
        answer = self.aws.client("cloudwatch").describe_alarms()
        alarms = [*answer["MetricAlarms"], *answer["CompositeAlarms"]]
        return {name: each["StateValue"] for each in alarms for name in ALARMS if name in each["AlarmName"].split("-")}

    def total(self, namespace: str, name: str, **dimensions: str) -> float:
        """The sum of a metric since the stack began."""
        answer = self.aws.client("cloudwatch").get_metric_statistics(
            Namespace=namespace,
            MetricName=name,
            Dimensions=[{"Name": key, "Value": value} for key, value in dimensions.items()],
            StartTime=self.clock() - 86_400,
            EndTime=self.clock() + 3600,
            Period=86_400 * 2,
            Statistics=["Sum"],
        )
        return float(sum(each["Sum"] for each in answer["Datapoints"]))

    def refuse(self, service: str, operation: str) -> None:
        wanted: dict[str, Any] = {"service": service, "operation": operation, "error": "AccessDenied"}
        wanted |= {"status": 403, "seconds": 600}
        requests.post(f"{self.aws.endpoint.url}/_local/refusals", json=wanted, timeout=5).raise_for_status()

    def withdraw_refusals(self) -> None:
        requests.delete(f"{self.aws.endpoint.url}/_local/refusals", timeout=5).raise_for_status()


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    template = tmp_path_factory.mktemp("alarms") / "template.yaml"
    small = small_stack(ROOT / "template.yaml", KEPT, ALARMS)
    mapping = small["Resources"]["CountTasksFunction"]["Properties"]["Events"]["TableChanges"]["Properties"]
    mapping |= {"MaximumRetryAttempts": 0, "BisectBatchOnFunctionError": False, "MaximumBatchingWindowInSeconds": 0}
    template.write_text(json.dumps(small))
    clock = AdjustableClock()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AWS_DEFAULT_REGION", REGION)
        with Runtime(ACCOUNT_ID, REGION, poll_interval=0.05, workers=2, clock=clock) as runtime:
            aws = Aws(runtime.endpoint, clock, runtime.journal)
            yield Stack(aws, clock, runtime.create_stack(template, "watched", {}))
            aws.close()


@pytest.fixture(scope="module")
def inbox(stack: Stack) -> str:
    """A queue that AlarmsTopic sends to."""
    sqs = stack.aws.client("sqs")
    url = str(sqs.create_queue(QueueName="inbox")["QueueUrl"])
    arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    stack.aws.client("sns").subscribe(TopicArn=stack.outputs["AlarmsTopicArn"], Protocol="sqs", Endpoint=arn)
    return url


def received(stack: Stack, url: str) -> list[tuple[str, str]]:
    """The (alarm, state) of each notification."""
    messages = stack.aws.client("sqs").receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages", [])
    notifications: list[dict[str, Any]] = [json.loads(json.loads(each["Body"])["Message"]) for each in messages]
    return [(each["AlarmName"], each["NewStateValue"]) for each in notifications]


def test_a_destination_that_refuses_raises_its_alarm_until_it_takes_batches_again(stack: Stack, inbox: str) -> None:
    (mapping,) = stack.aws.client("lambda").list_event_source_mappings()["EventSourceMappings"]
    by_mapping = {"EventSourceMappingUUID": mapping["UUID"]}
    stack.write(1)
    eventually(lambda: stack.total("AWS/Lambda", "InvokedEventCount", **by_mapping), 30)
    before = stack.states()

    stack.refuse("dynamodb", "TransactWriteItems")
    stack.refuse("sqs", "SendMessage")
    stack.write(2)
    eventually(lambda: stack.total("AWS/Lambda", "DroppedEventCount", **by_mapping), 30)
    stack.withdraw_refusals()
    eventually(lambda: stack.total("AWS/Lambda", "OnFailureDestinationDeliveredEventCount", **by_mapping), 30)
    stack.clock.ahead += 2 * MINUTE
    during, told = stack.states(), received(stack, inbox)
    stack.clock.ahead += 20 * MINUTE
    after = stack.states()

    assert mapping["MetricsConfig"] == {"Metrics": ["EventCount"]}
    assert set(before.values()) == set(after.values()) == {"OK"}
    assert before.keys() == set(ALARMS)
    on = {name for name, state in during.items() if state == "ALARM"}
    assert on == {"CountTasksDestinationAlarm", "ChangesAtRiskAlarm"}
    assert {state for _, state in told} == {"ALARM"}
    assert len(told) == 2


def test_what_functions_and_mappings_count_reaches_cloudwatch(stack: Stack) -> None:
    (mapping,) = stack.aws.client("lambda").list_event_source_mappings()["EventSourceMappings"]
    function, by_mapping = stack.outputs["CountTasksFunctionName"], {"EventSourceMappingUUID": mapping["UUID"]}

    stack.aws.client("dynamodb").put_item(
        TableName=stack.outputs["TasksTableName"], Item={"listId": {"S": "list-1"}, "taskId": {"S": "no task"}}
    )
    stack.write(3)

    eventually(lambda: stack.total("AWS/Lambda", "FilteredOutEventCount", **by_mapping) >= 1, 30)
    eventually(lambda: stack.total("Changestream/watched", "Records", service="count_tasks") >= 2, 30)
    assert stack.total("AWS/Lambda", "PolledEventCount", **by_mapping) >= 3
    assert stack.total("AWS/Lambda", "Invocations", FunctionName=function) >= 2
    assert stack.total("AWS/Lambda", "Errors", FunctionName=function) == 0
