"""The world that recovery is tested in."""

from collections.abc import Iterator
from uuid import uuid4

import pytest

from builders import function_arn
from conftest import ClientOf
from functions.recover_batches import app
from recovery_world import CONSUMER_SECONDS, Lent, World


@pytest.fixture(scope="session")
def lent() -> Lent:
    return Lent()


@pytest.fixture
def world(client_of: ClientOf, endpoint: str, lent: Lent, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    suffix = uuid4().hex[:12]
    created = client_of("dynamodb").create_table(
        TableName=f"tasks-{suffix}",
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in ("listId", "taskId")],
        KeySchema=[
            {"AttributeName": "listId", "KeyType": "HASH"},
            {"AttributeName": "taskId", "KeyType": "RANGE"},
        ],
        StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"},
    )
    stream_arn = created["TableDescription"]["LatestStreamArn"]
    described = client_of("dynamodbstreams").describe_stream(StreamArn=stream_arn)
    names = {
        "table": f"tasks-{suffix}",
        "stream_arn": stream_arn,
        "shard_id": described["StreamDescription"]["Shards"][0]["ShardId"],
        "function": lent.take(client_of("lambda")),
        "bucket": f"parked-{suffix}",
        "failed_bucket": f"failed-{suffix}",
        "queue_url": client_of("sqs").create_queue(QueueName=f"failed-{suffix}")["QueueUrl"],
    }
    for bucket in (names["bucket"], names["failed_bucket"]):
        client_of("s3").create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    monkeypatch.setenv("PARKED_RECORDS_BUCKET", names["bucket"])
    monkeypatch.setenv("FAILED_BATCHES_BUCKET", names["failed_bucket"])
    monkeypatch.setenv("FAILED_BATCHES_QUEUE_URL", names["queue_url"])
    monkeypatch.setenv("CONSUMERS", ",".join(function_arn(name) for name in (names["function"], "nobody")))
    monkeypatch.setenv("CONSUMER_SECONDS", str(CONSUMER_SECONDS))
    monkeypatch.setattr(app, "pause_seconds", lambda _: 0)
    for cached in (app.settings, app.parking_lot, app.failed_batches, app.recovery):
        cached.cache_clear()
    yield World(client_of, endpoint, names)
    lent.give_back(client_of("lambda"))
