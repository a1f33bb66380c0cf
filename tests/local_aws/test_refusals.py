"""Refusals: calls are refused for a while, as the clients of each service expect it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any
from uuid import uuid4

import pytest
import requests
from botocore.exceptions import ClientError

from served_aws import Aws, item


@pytest.fixture(autouse=True)
def _none_left(aws: Aws) -> Iterator[None]:
    yield
    requests.delete(f"{aws.endpoint.url}/_local/refusals", timeout=5).raise_for_status()


def refuse(aws: Aws, service: str, **more: Any) -> str:
    wanted = {"service": service, "error": "ThrottlingException", "status": 400, "seconds": 60, **more}
    answer = requests.post(f"{aws.endpoint.url}/_local/refusals", json=wanted, timeout=5)
    answer.raise_for_status()
    return str(answer.json()["id"])


def code_of(call: Callable[[], Any]) -> str | None:
    try:
        call()
    except ClientError as error:
        return str(error.response["Error"]["Code"])
    return None


@pytest.mark.parametrize(
    ("service", "call"),
    [
        ("dynamodb", lambda client: client.list_tables()),
        ("dynamodbstreams", lambda client: client.list_streams()),
        ("kinesis", lambda client: client.list_streams()),
        ("sqs", lambda client: client.list_queues()),
        ("sns", lambda client: client.list_topics()),
        ("s3", lambda client: client.list_buckets()),
        ("s3", lambda client: client.put_object(Bucket="any", Key="key", Body=b"x")),
        ("lambda", lambda client: client.invoke(FunctionName="any")),
        ("lambda", lambda client: client.list_functions()),
        ("logs", lambda client: client.describe_log_groups()),
        ("cloudwatch", lambda client: client.list_metrics()),
    ],
)
def test_a_refusal_reaches_the_client_under_its_code(aws: Aws, service: str, call: Any) -> None:
    refuse(aws, service, error="SlowDown", status=503)

    assert code_of(lambda: call(aws.client(service))) == "SlowDown"


def test_only_the_named_operation_is_refused(aws: Aws) -> None:
    table, dynamodb = aws.table(), aws.client("dynamodb")
    refuse(aws, "dynamodb", operation="PutItem")

    assert code_of(lambda: dynamodb.put_item(TableName=table, Item=item("1"))) == "ThrottlingException"
    assert code_of(lambda: dynamodb.get_item(TableName=table, Key=item("1"))) is None


def test_a_rest_operation_is_known_by_its_path(aws: Aws) -> None:
    s3, bucket = aws.client("s3"), f"bucket-{uuid4().hex[:8]}"
    s3.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    refuse(aws, "s3", operation="PutObject", resource=bucket, error="SlowDown", status=503)

    assert code_of(lambda: s3.put_object(Bucket=bucket, Key="a/b", Body=b"x")) == "SlowDown"
    assert code_of(lambda: s3.list_objects_v2(Bucket=bucket)) is None


def test_only_calls_that_name_the_resource_are_refused(aws: Aws) -> None:
    table, other, dynamodb = aws.table(), aws.table(), aws.client("dynamodb")
    refuse(aws, "dynamodb", resource=table)

    def transaction(name: str) -> dict[str, Any]:
        return {"TransactItems": [{"Put": {"TableName": name, "Item": item("1")}}]}

    def batch(name: str) -> dict[str, Any]:
        return {"RequestItems": {name: {"Keys": [item("1")]}}}

    assert code_of(lambda: dynamodb.transact_write_items(**transaction(table))) == "ThrottlingException"
    assert code_of(lambda: dynamodb.transact_write_items(**transaction(other))) is None
    assert code_of(lambda: dynamodb.batch_get_item(**batch(table))) == "ThrottlingException"
    assert code_of(lambda: dynamodb.batch_get_item(**batch(other))) is None


def test_a_queue_and_a_stream_are_known_by_url_and_by_iterator(aws: Aws) -> None:
    sqs, kinesis, arn = aws.client("sqs"), aws.client("kinesis"), aws.kinesis_stream()
    url = sqs.create_queue(QueueName="refused-queue")["QueueUrl"]
    iterator = kinesis.get_shard_iterator(StreamARN=arn, ShardId="shardId-000000000000", ShardIteratorType="LATEST")[
        "ShardIterator"
    ]
    refuse(aws, "sqs", resource="refused-queue")
    refuse(aws, "kinesis", operation="GetRecords", resource=arn.rpartition("/")[2])

    assert code_of(lambda: sqs.send_message(QueueUrl=url, MessageBody="x")) == "ThrottlingException"
    assert code_of(lambda: kinesis.get_records(ShardIterator=iterator)) == "ThrottlingException"


def test_a_refused_call_has_no_effect_and_is_in_the_journal(aws: Aws) -> None:
    table, dynamodb = aws.table(), aws.client("dynamodb")
    refusal = refuse(aws, "dynamodb", operation="PutItem")

    code_of(lambda: dynamodb.put_item(TableName=table, Item=item("1")))

    hits = [entry for entry in aws.journal.after(0) if entry["kind"] == "refusal.hit" and entry["id"] == refusal]
    assert dynamodb.scan(TableName=table)["Count"] == 0
    assert [(hit["service"], hit["operation"]) for hit in hits] == [("dynamodb", "PutItem")]


def test_a_refusal_ends_by_itself(aws: Aws) -> None:
    refuse(aws, "dynamodb", seconds=6)

    aws.clock.ahead += 7

    assert code_of(lambda: aws.client("dynamodb").list_tables()) is None
    assert requests.get(f"{aws.endpoint.url}/_local/refusals", timeout=5).json() == {"refusals": []}


def test_a_refusal_is_withdrawn(aws: Aws) -> None:
    refusal = refuse(aws, "dynamodb")
    route = f"{aws.endpoint.url}/_local/refusals/{refusal}"

    statuses = [requests.delete(route, timeout=5).status_code for _ in range(2)]

    assert statuses == [200, 404]
    assert code_of(lambda: aws.client("dynamodb").list_tables()) is None


@pytest.mark.parametrize("wanted", [{}, {"service": "s3", "error": "E", "seconds": "soon"}, {"service": "s3"}])
def test_a_wrong_refusal_is_refused_itself(aws: Aws, wanted: dict[str, Any]) -> None:
    answer = requests.post(f"{aws.endpoint.url}/_local/refusals", json=wanted, timeout=5)

    assert answer.status_code == 400
