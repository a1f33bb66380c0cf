"""An endpoint that is killed in the middle of its work, and the next one with the same state directory."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import BotoCoreError, ClientError

from served_aws import REGION, eventually

from ..served_search import Index
from .served_state import Endpoint, create_function, serving

pytestmark = pytest.mark.journey

# Tells a file of every record it gets.
TELLING = """
import os
def lambda_handler(event, context):
    with open(os.environ["SEEN"], "a") as seen:
        for record in event["Records"]:
            seen.write(record["dynamodb"]["Keys"]["id"]["S"] + "\\n")
"""


@dataclass
class FirstLife:
    """What an endpoint held when it was killed."""

    stream_arn: str
    mapping: str
    seen: Path
    early_records: list[tuple[str, str]]
    accepted: list[str]
    first_record: dict[str, Any]
    shards: list[dict[str, Any]]
    queue_url: str
    sent: dict[str, Any]
    body: bytes
    kms_key: str


@pytest.fixture(scope="module")
def lives(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[FirstLife, Endpoint]]:
    """An endpoint that was killed while it was written to, and the one that goes on from its state."""
    state, seen = tmp_path_factory.mktemp("state"), tmp_path_factory.mktemp("function") / "seen"
    with serving(state) as endpoint:
        stream_arn = make_table(endpoint)
        mapping = map_function(endpoint, stream_arn, seen)
        endpoint.client("dynamodb").put_item(TableName="tasks", Item={"id": {"S": "first"}})
        kinesis = endpoint.client("kinesis")
        kinesis.create_stream(StreamName="changes", ShardCount=1)
        first_record = kinesis.put_record(StreamName="changes", PartitionKey="a", Data=b"1")
        kinesis.split_shard(StreamName="changes", ShardToSplit="shardId-000000000000", NewStartingHashKey=str(2**127))
        shards = kinesis.list_shards(StreamName="changes")["Shards"]
        queue_url = endpoint.client("sqs").create_queue(QueueName="work")["QueueUrl"]
        sent = endpoint.client("sqs").send_message(QueueUrl=queue_url, MessageBody="once")
        body = os.urandom(100_000)
        endpoint.client("s3").create_bucket(Bucket="parked", CreateBucketConfiguration={"LocationConstraint": REGION})
        endpoint.client("s3").put_object(Bucket="parked", Key="large", Body=body)
        index = Index(endpoint.url, "films")
        index.create()
        index.put("heat", 7, title="Heat")
        kms_key = endpoint.client("kms").create_key()["KeyMetadata"]["KeyId"]
        eventually(seen.exists)
        early = records_of(endpoint, stream_arn)
        accepted = write_until_killed(endpoint, enough=150)
    first = FirstLife(stream_arn, mapping, seen, early, accepted, first_record, shards, queue_url, sent, body, kms_key)
    with serving(state) as endpoint:
        yield first, endpoint
    assert endpoint.process.wait() == 0


def make_table(endpoint: Endpoint) -> str:
    """Create the table "tasks"; answer the ARN of its stream."""
    described = endpoint.client("dynamodb").create_table(
        TableName="tasks",
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
        StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"},
    )
    return str(described["TableDescription"]["LatestStreamArn"])


def map_function(endpoint: Endpoint, stream_arn: str, seen: Path) -> str:
    """Map the stream to a function that tells `seen`; answer the mapping's UUID."""
    create_function(endpoint, "telling", TELLING, seen)
    return str(
        endpoint.client("lambda").create_event_source_mapping(
            FunctionName="telling", EventSourceArn=stream_arn, StartingPosition="TRIM_HORIZON"
        )["UUID"]
    )


def write_until_killed(endpoint: Endpoint, enough: int) -> list[str]:
    """Put items one by one until the endpoint is gone, which it is once there are enough; those that were accepted."""
    dynamodb, accepted = endpoint.client("dynamodb"), list[str]()
    while True:
        name = f"item-{len(accepted)}"
        try:
            dynamodb.put_item(TableName="tasks", Item={"id": {"S": name}})
        except (BotoCoreError, ClientError):
            return accepted
        accepted.append(name)
        if len(accepted) == enough:
            threading.Thread(target=endpoint.kill).start()


def records_of(endpoint: Endpoint, stream_arn: str) -> list[tuple[str, str]]:
    """(item, sequence number) of every record of a table's stream of one shard."""
    streams = endpoint.client("dynamodbstreams")
    (shard,) = streams.describe_stream(StreamArn=stream_arn)["StreamDescription"]["Shards"]
    iterator = streams.get_shard_iterator(
        StreamArn=stream_arn, ShardId=shard["ShardId"], ShardIteratorType="TRIM_HORIZON"
    )["ShardIterator"]
    records = streams.get_records(ShardIterator=iterator)["Records"]
    return [(record["dynamodb"]["Keys"]["id"]["S"], record["dynamodb"]["SequenceNumber"]) for record in records]


def test_no_accepted_write_is_lost_and_a_mapping_goes_on(lives: tuple[FirstLife, Endpoint]) -> None:
    first, endpoint = lives
    dynamodb, seen = endpoint.client("dynamodb"), first.seen

    items = dynamodb.scan(TableName="tasks")["Items"]
    records = records_of(endpoint, first.stream_arn)
    described = endpoint.client("lambda").get_event_source_mapping(UUID=first.mapping)
    dynamodb.put_item(TableName="tasks", Item={"id": {"S": "last"}})
    after = records_of(endpoint, first.stream_arn)
    eventually(lambda: {name for name, _ in after} <= set(seen.read_text().split()))

    assert set(first.accepted) <= {item["id"]["S"] for item in items}
    assert [name for name, _ in records][: len(first.accepted) + 1] == ["first", *first.accepted]
    assert records[:1] == first.early_records
    assert described["EventSourceArn"] == first.stream_arn
    assert after[:-1] == records
    assert int(after[-1][1]) > int(after[-2][1])
    assert seen.read_text().split().count("first") == 1


def test_shards_with_their_lineage_are_there_again(lives: tuple[FirstLife, Endpoint]) -> None:
    first, endpoint = lives
    kinesis = endpoint.client("kinesis")

    record = kinesis.put_record(StreamName="changes", PartitionKey="a", Data=b"2")

    assert kinesis.list_shards(StreamName="changes")["Shards"] == first.shards
    assert int(record["SequenceNumber"]) > int(first.first_record["SequenceNumber"])


def test_messages_objects_and_keys_are_there_again(lives: tuple[FirstLife, Endpoint]) -> None:
    first, endpoint = lives

    (message,) = endpoint.client("sqs").receive_message(QueueUrl=first.queue_url)["Messages"]

    assert (message["MessageId"], message["Body"]) == (first.sent["MessageId"], "once")
    assert endpoint.client("s3").get_object(Bucket="parked", Key="large")["Body"].read() == first.body
    assert endpoint.client("kms").describe_key(KeyId=first.kms_key)["KeyMetadata"]["KeyId"] == first.kms_key


def test_documents_are_found_again_at_their_versions(lives: tuple[FirstLife, Endpoint]) -> None:
    index = Index(lives[1].url, "films")

    assert index.find({"match": {"title": "heat"}}) == ["heat"]
    assert index.put("heat", 7, title="older")["status"] == 409
