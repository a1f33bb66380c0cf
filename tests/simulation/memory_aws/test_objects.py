"""Buckets in memory answer as those of the served endpoint: conditions, versions, pages, notifications."""

import json
from collections.abc import Callable
from random import Random
from typing import Any
from urllib.parse import unquote_plus
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from conftest import ClientOf
from simulation.memory_aws import MemoryAws

from .memory_and_served import Json, Step, outcome

ClientsOf = Callable[[str], Any]
any_calls = settings(
    max_examples=4,
    deadline=None,
    derandomize=True,
    database=None,
    phases=(Phase.generate,),
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


@pytest.fixture(params=["memory", "served"])
def client(request: pytest.FixtureRequest, memory: MemoryAws, client_of: ClientOf) -> ClientsOf:
    """Clients of services in memory, and of the served endpoint."""
    return memory.client if request.param == "memory" else client_of


def bucket(s3: Any, *, versioned: bool = True) -> str:
    name = f"bucket-{uuid4()}"
    s3.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    if versioned:
        s3.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Enabled"})
    return name


def test_an_object_comes_back_as_it_was_written(client: ClientsOf) -> None:
    s3 = client("s3")
    name = bucket(s3)

    put = s3.put_object(Bucket=name, Key="a/b", Body=b"content", ContentType="application/json")

    found = s3.get_object(Bucket=name, Key="a/b")
    assert found["Body"].read() == b"content"
    assert (found["ContentLength"], found["ContentType"]) == (7, "application/json")
    assert found["ETag"] == put["ETag"] == s3.head_object(Bucket=name, Key="a/b")["ETag"]
    assert found["VersionId"] == put["VersionId"]


def test_equal_contents_have_equal_tags(client: ClientsOf) -> None:
    s3 = client("s3")
    name = bucket(s3)

    tags = [s3.put_object(Bucket=name, Key="key", Body=body)["ETag"] for body in (b"a", b"b", b"a")]

    assert tags[0] == tags[2] != tags[1]


def test_a_deleted_object_is_gone_and_its_versions_stay(client: ClientsOf) -> None:
    s3 = client("s3")
    name = bucket(s3)
    put = s3.put_object(Bucket=name, Key="key", Body=b"content")

    s3.delete_object(Bucket=name, Key="key")

    assert outcome(s3, ("get_object", {"Bucket": name, "Key": "key"}))["error"] == "NoSuchKey"
    assert outcome(s3, ("head_object", {"Bucket": name, "Key": "key"}))["error"] == "404"
    assert s3.list_objects_v2(Bucket=name).get("Contents") is None
    assert s3.get_object(Bucket=name, Key="key", VersionId=put["VersionId"])["Body"].read() == b"content"


@pytest.mark.parametrize("operation", ["put_object", "delete_object"])
def test_a_write_on_condition_spares_what_somebody_changed(client: ClientsOf, operation: str) -> None:
    s3 = client("s3")
    name = bucket(s3)
    old = s3.put_object(Bucket=name, Key="key", Body=b"old")["ETag"]
    new = s3.put_object(Bucket=name, Key="key", Body=b"new")["ETag"]
    body = {"Body": b"newest"} if operation == "put_object" else {}

    stale = outcome(s3, (operation, {"Bucket": name, "Key": "key", "IfMatch": old} | body))
    untouched = s3.get_object(Bucket=name, Key="key")["Body"].read()
    fresh = outcome(s3, (operation, {"Bucket": name, "Key": "key", "IfMatch": new} | body))

    assert stale["error"] == "PreconditionFailed"
    assert untouched == b"new"
    assert "error" not in fresh


def test_a_write_on_condition_needs_something_to_be_there_or_nothing(client: ClientsOf) -> None:
    s3 = client("s3")
    name = bucket(s3)

    absent = outcome(s3, ("put_object", {"Bucket": name, "Key": "key", "Body": b"", "IfMatch": '"0"'}))
    first = outcome(s3, ("put_object", {"Bucket": name, "Key": "key", "Body": b"1", "IfNoneMatch": "*"}))
    second = outcome(s3, ("put_object", {"Bucket": name, "Key": "key", "Body": b"2", "IfNoneMatch": "*"}))

    assert absent["error"] in ("NoSuchKey", "PreconditionFailed")
    assert "error" not in first
    assert second["error"] == "PreconditionFailed"


def test_keys_are_listed_in_order_and_in_pages(client: ClientsOf) -> None:
    s3 = client("s3")
    name = bucket(s3, versioned=False)
    for key in ("p/b", "p/a", "p/é", "other", "p/c"):
        s3.put_object(Bucket=name, Key=key, Body=b"x")

    pages: list[list[str]] = []
    more: dict[str, str] = {}
    while True:
        page = s3.list_objects_v2(Bucket=name, Prefix="p/", MaxKeys=3, **more)
        pages.append([entry["Key"] for entry in page["Contents"]])
        if not page["IsTruncated"]:
            break
        more = {"ContinuationToken": page["NextContinuationToken"]}

    assert pages == [["p/a", "p/b", "p/c"], ["p/é"]]


def test_a_queue_is_told_of_what_is_created(client: ClientsOf) -> None:
    s3, sqs = client("s3"), client("sqs")
    name = bucket(s3)
    url = sqs.create_queue(QueueName=f"queue-{uuid4()}")["QueueUrl"]
    queue = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    configuration = {"QueueConfigurations": [{"QueueArn": queue, "Events": ["s3:ObjectCreated:*"]}]}
    s3.put_bucket_notification_configuration(Bucket=name, NotificationConfiguration=configuration)

    put = s3.put_object(Bucket=name, Key="aws/lambda/a:b c", Body=b"content")

    messages = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10)["Messages"]
    told = [json.loads(message["Body"]) for message in messages]
    (record,) = (document["Records"][0] for document in told if "Records" in document)
    assert (record["eventSource"], record["eventName"]) == ("aws:s3", "ObjectCreated:Put")
    assert record["s3"]["bucket"]["name"] == name
    assert unquote_plus(record["s3"]["object"]["key"]) == "aws/lambda/a:b c"
    assert record["s3"]["object"]["versionId"] == put["VersionId"]
    assert record["s3"]["object"]["size"] == 7


@any_calls
@given(draw=st.integers(0, 2**32).map(Random))
def test_any_race_of_conditional_writes_comes_out_the_same(
    memory: MemoryAws, client_of: ClientOf, draw: Random
) -> None:
    """As runs of a redrive have it: read, take, settle, each on the state that was read."""
    sides = [memory.client("s3"), client_of("s3")]
    names = [bucket(side) for side in sides]
    tags: list[str] = ['"0"']

    def step() -> Step:
        parameters: Json = {"Key": draw.choice("ab")}
        match draw.choice(("put", "put", "delete", "get")):
            case "put":
                parameters |= {"Body": draw.choice((b"1", b"2", b"3"))}
                return "put_object", parameters | ({"IfMatch": draw.choice(tags)} if draw.random() < 0.6 else {})
            case "delete":
                return "delete_object", parameters | {"IfMatch": draw.choice(tags)}
        return "get_object", parameters

    for _ in range(25):
        operation, parameters = step()
        outcomes = [
            outcome(side, (operation, parameters | {"Bucket": name})) for side, name in zip(sides, names, strict=True)
        ]
        told = [{part: each.get(part) for part in ("error", "ETag")} for each in outcomes]
        tags += [each["ETag"] for each in told if each["ETag"] and each["ETag"] not in tags]
        if parameters.get("IfMatch") and any(each["error"] == "NoSuchKey" for each in told):
            assert all(
                each["error"] in ("NoSuchKey", "PreconditionFailed") for each in told
            )  # AWS has been seen to say either
        else:
            assert told[0] == told[1], (operation, parameters)
