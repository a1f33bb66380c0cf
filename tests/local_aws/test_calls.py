"""What a function asks of AWS is told as IAM would judge it."""

from __future__ import annotations

import json
from typing import Any
from urllib.request import urlopen

import boto3
import pytest

from local_aws.calls import session_token
from served_aws import Aws

PLACE = "eu-west-1:123456789012"
KEYS = [{"AttributeName": "id", "KeyType": "HASH"}]
ATTRIBUTES = [{"AttributeName": "id", "AttributeType": "S"}]


def noted(url: str, function: str) -> set[tuple[str, str]]:
    with urlopen(f"{url}/_local/calls") as answer:
        calls = json.load(answer)["calls"]
    return {(call["action"], call["resource"]) for call in calls if call["function"] == function}


@pytest.fixture
def client_as(aws: Aws) -> Any:
    def make(service: str, function: str | None) -> Any:
        return boto3.client(
            service,  # type: ignore[call-overload]
            endpoint_url=aws.endpoint.url,
            region_name="eu-west-1",
            aws_access_key_id="local",
            aws_secret_access_key="local",
            aws_session_token=session_token(function) if function else None,
        )

    return make


def test_a_transaction_needs_the_actions_of_what_it_holds(aws: Aws, client_as: Any) -> None:
    aws.client("dynamodb").create_table(
        TableName="noted", KeySchema=KEYS, AttributeDefinitions=ATTRIBUTES, BillingMode="PAY_PER_REQUEST"
    )
    put = {"Put": {"TableName": "noted", "Item": {"id": {"S": "a"}}}}
    check = {
        "ConditionCheck": {
            "TableName": "noted",
            "Key": {"id": {"S": "b"}},
            "ConditionExpression": "attribute_not_exists(id)",
        }
    }

    client_as("dynamodb", "transacting").transact_write_items(TransactItems=[put, check])

    table = f"arn:aws:dynamodb:{PLACE}:table/noted"
    assert noted(aws.endpoint.url, "transacting") == {
        ("dynamodb:PutItem", table),
        ("dynamodb:ConditionCheckItem", table),
    }


def test_an_object_is_read_as_it_is_or_in_a_version(aws: Aws, client_as: Any) -> None:
    s3 = aws.client("s3")
    s3.create_bucket(Bucket="noted", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    s3.put_bucket_versioning(Bucket="noted", VersioningConfiguration={"Status": "Enabled"})
    version = s3.put_object(Bucket="noted", Key="a/b", Body=b"")["VersionId"]
    reading = client_as("s3", "reading")

    reading.get_object(Bucket="noted", Key="a/b")
    reading.get_object(Bucket="noted", Key="a/b", VersionId=version)
    reading.list_objects_v2(Bucket="noted")

    assert noted(aws.endpoint.url, "reading") == {
        ("s3:GetObject", "arn:aws:s3:::noted/a/*"),
        ("s3:GetObjectVersion", "arn:aws:s3:::noted/a/*"),
        ("s3:ListBucket", "arn:aws:s3:::noted"),
    }


def test_a_message_is_sent_to_the_queue_that_its_address_names(aws: Aws, client_as: Any) -> None:
    url = aws.client("sqs").create_queue(QueueName="noted")["QueueUrl"]

    client_as("sqs", "sending").send_message(QueueUrl=url, MessageBody="")

    assert noted(aws.endpoint.url, "sending") == {("sqs:SendMessage", f"arn:aws:sqs:{PLACE}:noted")}


def test_calls_of_nobody_in_particular_are_not_told(aws: Aws, client_as: Any) -> None:
    client_as("sqs", None).list_queues()

    assert noted(aws.endpoint.url, "") == set()


def test_a_refused_call_was_asked_for_all_the_same(aws: Aws, client_as: Any) -> None:
    client = client_as("kinesis", "refused")

    with pytest.raises(client.exceptions.ResourceNotFoundException):
        client.describe_stream_summary(StreamName="missing")

    assert noted(aws.endpoint.url, "refused") == {
        ("kinesis:DescribeStreamSummary", f"arn:aws:kinesis:{PLACE}:stream/missing")
    }
