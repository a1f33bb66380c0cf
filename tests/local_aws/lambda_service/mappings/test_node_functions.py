"""Mappings whose functions run in Node.js: the same retries and answers as with any other language."""

from pathlib import Path
from typing import Any

import boto3
import pytest

from local_aws.journal import Journal

ACCOUNT_ID, REGION = "123456789012", "eu-west-1"

FAILS_UNTIL_HEALED = """
    import { existsSync } from "node:fs";
    export const handler = async (event) => {
      const seen = event.Records.map((record) => Buffer.from(record.kinesis.data, "base64").toString());
      if (!existsSync(process.env.HEALED)) throw new Error("the dependency is down");
      process.stdout.write(`seen ${JSON.stringify(seen)}\\n`);
    };
"""
STOPS_AT_BAD = """
    export const handler = async (event) => {
      const data = (record) => Buffer.from(record.kinesis.data, "base64").toString();
      process.stdout.write(`seen ${JSON.stringify(event.Records.map(data))}\\n`);
      const failed = event.Records.filter((record) => data(record) === "bad");
      return { batchItemFailures: failed.map((record) => ({ itemIdentifier: record.kinesis.sequenceNumber })) };
    };
"""
TELLS_IMAGES = """
    export const handler = async (event) => {
      const seen = event.Records.map((record) => record.dynamodb.NewImage.id.S);
      process.stdout.write(`seen ${JSON.stringify(seen)}\\n`);
    };
"""


def test_a_kinesis_batch_that_a_function_threw_on_is_delivered_again(
    client: Any, deploy_node: Any, stream: str, put: Any, seen: Any, journal: Journal, eventually: Any, tmp_path: Path
) -> None:
    healed = tmp_path / "healed"
    deploy_node(FAILS_UNTIL_HEALED, Environment={"Variables": {"HEALED": str(healed)}})
    put("a", "b")

    client.create_event_source_mapping(FunctionName="consumer", EventSourceArn=stream, StartingPosition="TRIM_HORIZON")
    failed = journal.wait_for(lambda entry: entry["kind"] == "invocation.finished")
    healed.touch()

    eventually(lambda: seen() == ["a", "b"])
    assert (failed["outcome"], failed["errorType"]) == ("error", "Error")


def test_a_batch_is_retried_from_the_record_that_a_function_names(
    client: Any,
    clients: dict[str, Any],
    deploy_node: Any,
    stream: str,
    queue: str,
    put: Any,
    seen: Any,
    journal: Journal,
) -> None:
    deploy_node(STOPS_AT_BAD)
    put("a", "bad", "b")

    client.create_event_source_mapping(
        FunctionName="consumer",
        EventSourceArn=stream,
        StartingPosition="TRIM_HORIZON",
        MaximumRetryAttempts=1,
        FunctionResponseTypes=["ReportBatchItemFailures"],
        DestinationConfig={"OnFailure": {"Destination": queue}},
    )
    journal.wait_for(lambda entry: entry["kind"] == "mapping.discarded")

    assert seen()[:5] == ["a", "bad", "b", "bad", "b"]


def test_a_time_out_uses_up_an_attempt(
    client: Any, deploy_node: Any, stream: str, queue: str, put: Any, journal: Journal
) -> None:
    deploy_node("export const handler = () => new Promise((done) => setTimeout(done, 60_000));", Timeout=1)
    put("a")

    client.create_event_source_mapping(
        FunctionName="consumer",
        EventSourceArn=stream,
        StartingPosition="TRIM_HORIZON",
        MaximumRetryAttempts=0,
        DestinationConfig={"OnFailure": {"Destination": queue}},
    )
    discarded = journal.wait_for(lambda entry: entry["kind"] == "mapping.discarded")
    finished = journal.wait_for(lambda entry: entry["kind"] == "invocation.finished")

    assert discarded["sequence_numbers"]
    assert finished["errorType"] == "Sandbox.Timedout"


@pytest.fixture
def table(endpoint: str) -> Any:
    session: Any = boto3.session.Session(aws_access_key_id="test", aws_secret_access_key="test", region_name=REGION)
    dynamodb = session.client("dynamodb", endpoint_url=endpoint)
    description = dynamodb.create_table(
        TableName="node-tasks",
        BillingMode="PAY_PER_REQUEST",
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_IMAGE"},
    )["TableDescription"]
    yield dynamodb, description["LatestStreamArn"]
    dynamodb.delete_table(TableName="node-tasks")
    dynamodb.close()


def test_the_changes_of_a_table_reach_a_function(
    client: Any, deploy_node: Any, table: Any, seen: Any, eventually: Any
) -> None:
    dynamodb, arn = table
    deploy_node(TELLS_IMAGES)

    client.create_event_source_mapping(FunctionName="consumer", EventSourceArn=arn, StartingPosition="TRIM_HORIZON")
    for name in ("a", "b"):
        dynamodb.put_item(TableName="node-tasks", Item={"id": {"S": name}})

    eventually(lambda: seen() == ["a", "b"])
