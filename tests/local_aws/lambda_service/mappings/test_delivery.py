"""What a running mapping brings to its function, and to its on-failure destination."""

import json
from typing import Any

import pytest

from local_aws.journal import Journal
from local_aws.lambda_service import LambdaService

ACCOUNT_ID = "123456789012"
REGION = "eu-west-1"


def test_records_carry_the_role_of_the_function(
    client: Any, deploy: Any, stream: str, put: Any, journal: Journal
) -> None:
    deploy("def lambda_handler(event, context): print('role', event['Records'][0]['invokeIdentityArn'])")
    put("a")

    client.create_event_source_mapping(FunctionName="consumer", EventSourceArn=stream, StartingPosition="TRIM_HORIZON")

    line = journal.wait_for(lambda entry: entry.get("line", "").startswith("role "))["line"]
    assert line == f"role arn:aws:iam::{ACCOUNT_ID}:role/consumer"


def test_what_a_mapping_gives_up_on_goes_to_its_destination(
    client: Any, clients: dict[str, Any], telling: str, stream: str, queue: str, put: Any, journal: Journal
) -> None:
    put("bad")

    client.create_event_source_mapping(
        FunctionName=telling,
        EventSourceArn=stream,
        StartingPosition="TRIM_HORIZON",
        MaximumRetryAttempts=0,
        DestinationConfig={"OnFailure": {"Destination": queue}},
    )

    discarded = journal.wait_for(lambda entry: entry["kind"] == "mapping.discarded")
    url = clients["sqs"].get_queue_url(QueueName=queue.split(":")[-1])["QueueUrl"]
    (message,) = clients["sqs"].receive_message(QueueUrl=url, WaitTimeSeconds=5)["Messages"]
    body = json.loads(message["Body"])
    assert body["requestContext"]["condition"] == "RetryAttemptsExhausted"
    assert body["KinesisBatchInfo"]["startSequenceNumber"] == discarded["sequence_numbers"][0]
    assert body["KinesisBatchInfo"]["streamArn"] == stream


def test_a_throttled_function_loses_nothing(
    client: Any, telling: str, stream: str, put: Any, seen: Any, journal: Journal, eventually: Any
) -> None:
    client.put_function_concurrency(FunctionName=telling, ReservedConcurrentExecutions=0)
    put("a")

    client.create_event_source_mapping(
        FunctionName=telling, EventSourceArn=stream, StartingPosition="TRIM_HORIZON", MaximumRetryAttempts=0
    )
    journal.wait_for(lambda entry: entry.get("detail", {}).get("outcome") == "throttled")
    client.delete_function_concurrency(FunctionName=telling)

    eventually(lambda: seen() == ["a"])


@pytest.mark.parametrize(
    ("response_types", "outcomes"),
    [([], ["success"]), (["ReportBatchItemFailures"], ["malformed", "malformed"])],
    ids=["of no account", "looked into"],
)
def test_a_response_that_is_no_json_ends_its_attempt_as_any_other_text(
    client: Any, deploy: Any, stream: str, put: Any, journal: Journal, response_types: list[str], outcomes: list[str]
) -> None:
    deploy("def lambda_handler(event, context): return b'done'")  # the runtime passes bytes on as they are
    put("a")

    client.create_event_source_mapping(
        FunctionName="consumer",
        EventSourceArn=stream,
        StartingPosition="TRIM_HORIZON",
        MaximumRetryAttempts=1,
        FunctionResponseTypes=response_types,
    )

    journal.wait_for(lambda entry: entry["kind"] == "mapping.checkpointed")
    delivered = [entry["detail"] for entry in journal.after(0, 100) if entry["kind"] == "mapping.delivered"]
    assert [detail["outcome"] for detail in delivered] == outcomes


def test_a_queue_is_emptied_of_what_succeeds(
    client: Any, clients: dict[str, Any], telling: str, service: LambdaService, queue: str, seen: Any, eventually: Any
) -> None:
    url = clients["sqs"].get_queue_url(QueueName=queue.split(":")[-1])["QueueUrl"]
    clients["sqs"].send_message(QueueUrl=url, MessageBody="a")

    created = client.create_event_source_mapping(FunctionName=telling, EventSourceArn=queue)
    eventually(lambda: seen() == ["a"] and service.mappings()[0]["idle"])

    attributes = clients["sqs"].get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
    assert created["BatchSize"] == 10
    assert attributes["ApproximateNumberOfMessages"] == attributes["ApproximateNumberOfMessagesNotVisible"] == "0"


def test_records_are_pushed_to_a_function_that_is_mapped_to_a_consumer(
    client: Any, telling: str, stream: str, clients: dict[str, Any], put: Any, seen: Any, eventually: Any
) -> None:
    registered = clients["kinesis"].register_stream_consumer(StreamARN=stream, ConsumerName="telling")
    arn = registered["Consumer"]["ConsumerARN"]
    put("a", "b")

    client.create_event_source_mapping(FunctionName=telling, EventSourceArn=arn, StartingPosition="TRIM_HORIZON")
    eventually(lambda: seen() == ["a", "b"])
    put("c")

    eventually(lambda: seen() == ["a", "b", "c"])
