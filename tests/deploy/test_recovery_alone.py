"""Recovery alone, as `sam deploy` brings it up beside a function and a table of somebody else's, on an emulator."""

import io
import json
import zipfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from architecture.sources import ROOT
from builders import failure_message
from deploy.conftest import ClientAt, deploy
from deploy.processes import eventually

LIMIT = 60
FOREIGN = """
import boto3, os

def handler(event, context):
    table = boto3.client("dynamodb", endpoint_url=os.environ["ENDPOINT"])
    for record in event["Records"]:
        table.put_item(TableName="shipments", Item=record["dynamodb"]["Keys"])
"""


@pytest.fixture(scope="module")
def recovery(emulator: str, logs: Path) -> dict[str, str]:
    """The outputs of the stack, deployed for all functions and tables whose names begin with `orders`."""
    return deploy(
        emulator,
        "recovery",
        logs,
        build=ROOT / ".aws-sam" / "recovery",
        configuration=("--config-file", ROOT / "recovery" / "samconfig.toml"),
        parameters=(
            "FunctionArns=arn:aws:lambda:eu-west-1:*:function:orders-*",
            "StreamArns=arn:aws:dynamodb:eu-west-1:*:table/orders/stream/*",
        ),
    )


def test_a_record_that_a_foreign_function_failed_on_is_delivered_again(
    recovery: dict[str, str], client_at_emulator: ClientAt, emulator: str
) -> None:
    dynamodb = client_at_emulator("dynamodb")
    create_table(dynamodb, "shipments")
    stream = create_table(dynamodb, "orders")
    function = client_at_emulator("lambda").create_function(
        FunctionName="orders-ship",
        Runtime="python3.13",
        Role="arn:aws:iam::000000000000:role/orders",
        Handler="app.handler",
        Code={"ZipFile": zipped(FOREIGN)},
        Environment={"Variables": {"ENDPOINT": emulator}},
    )
    order = {"id": {"S": "order-1"}}
    dynamodb.put_item(TableName="orders", Item=order)
    shard_id, number = only_record(client_at_emulator("dynamodbstreams"), stream)
    now = datetime.now(UTC).isoformat(timespec="seconds").removesuffix("+00:00")

    message = failure_message(number, number, stream_arn=stream, shard_id=shard_id, timestamp=f"{now}Z", arrived=now)
    message["requestContext"]["functionArn"] = function["FunctionArn"]
    client_at_emulator("sqs").send_message(QueueUrl=recovery["FailedBatchesQueueUrl"], MessageBody=json.dumps(message))

    eventually(lambda: dynamodb.scan(TableName="shipments")["Items"] == [order], LIMIT, "the order to be shipped")


def create_table(dynamodb: Any, name: str) -> str:
    created = dynamodb.create_table(
        TableName=name,
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
        StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"},
    )
    stream: str = created["TableDescription"]["LatestStreamArn"]
    return stream


def only_record(streams: Any, stream: str) -> tuple[str, str]:
    """Return shard and sequence number of the one record of a stream."""
    (shard,) = streams.describe_stream(StreamArn=stream)["StreamDescription"]["Shards"]
    iterator = streams.get_shard_iterator(StreamArn=stream, ShardId=shard["ShardId"], ShardIteratorType="TRIM_HORIZON")[
        "ShardIterator"
    ]
    (record,) = streams.get_records(ShardIterator=iterator)["Records"]
    return shard["ShardId"], record["dynamodb"]["SequenceNumber"]


def zipped(source: str) -> bytes:
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as package:
        package.writestr("app.py", source)
    return archive.getvalue()
