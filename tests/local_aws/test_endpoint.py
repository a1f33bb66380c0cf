"""The endpoint as a server: kept connections, large and chunked bodies, waiting calls, several services."""

from __future__ import annotations

import http.client
import json
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from typing import Any
from uuid import uuid4

import pytest
import requests

from served_aws import Aws, eventually


@pytest.fixture
def connection(aws: Aws) -> Iterator[http.client.HTTPConnection]:
    with closing(http.client.HTTPConnection("127.0.0.1", int(aws.endpoint.url.rpartition(":")[2]))) as opened:
        yield opened


def bucket_of(aws: Aws) -> str:
    name = f"bucket-{uuid4().hex[:8]}"
    aws.client("s3").create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    return name


def test_a_connection_is_kept(connection: http.client.HTTPConnection) -> None:
    sockets = []
    for _ in range(3):
        connection.request("GET", "/_local/status")
        connection.getresponse().read()
        sockets.append(connection.sock)

    assert len(set(sockets)) == 1


def test_requests_of_one_connection_may_differ_in_nothing_but_their_bodies(
    aws: Aws, connection: http.client.HTTPConnection
) -> None:
    tables = [aws.table(), aws.table()]
    headers = {"X-Amz-Target": "DynamoDB_20120810.DescribeTable", "Content-Type": "application/x-amz-json-1.0"}

    described = []
    for table in tables:
        connection.request("POST", "/", json.dumps({"TableName": table}), headers)
        described.append(json.loads(connection.getresponse().read())["Table"]["TableName"])

    assert described == tables


def test_a_chunked_body_is_read(connection: http.client.HTTPConnection) -> None:
    wanted = (b'{"service": "none", "er', b'ror": "E", "seconds": 0}')

    connection.request("POST", "/_local/refusals", body=iter(wanted), encode_chunked=True)

    assert connection.getresponse().status == 200


def test_what_is_not_http_is_answered_and_the_connection_closed(connection: http.client.HTTPConnection) -> None:
    connection.connect()
    connection.sock.sendall(b"hello\r\n\r\n")

    answer = http.client.HTTPResponse(connection.sock)
    answer.begin()

    assert answer.status == 400
    assert answer.read()
    assert connection.sock.recv(1) == b""


def test_objects_of_any_size_with_metadata_come_back(aws: Aws) -> None:
    s3, bucket = aws.client("s3"), bucket_of(aws)

    s3.put_object(Bucket=bucket, Key="a b/ü.bin", Body=bytes(3_000_000), Metadata={"under_score": "1", "da-sh": "2"})

    found = s3.get_object(Bucket=bucket, Key="a b/ü.bin")
    assert len(found["Body"].read()) == 3_000_000
    assert found["Metadata"] == {"under_score": "1", "da-sh": "2"}
    assert s3.head_object(Bucket=bucket, Key="a b/ü.bin")["ContentLength"] == 3_000_000


def test_many_clients_write_at_once(aws: Aws) -> None:
    table, dynamodb = aws.table(), aws.client("dynamodb")

    def write(writer: int) -> None:
        for number in range(25):
            dynamodb.put_item(TableName=table, Item={"list": {"S": str(writer)}, "task": {"S": str(number)}})

    threads = [threading.Thread(target=write, args=(writer,)) for writer in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(aws.table_changes(table)) == 200


def test_a_waiting_receiver_gets_a_message_when_it_is_sent(aws: Aws) -> None:
    sqs = aws.client("sqs")
    url = sqs.create_queue(QueueName=f"queue-{uuid4().hex[:8]}")["QueueUrl"]
    received: list[dict[str, Any]] = []
    receiver = threading.Thread(
        target=lambda: received.extend(sqs.receive_message(QueueUrl=url, WaitTimeSeconds=20)["Messages"])
    )
    receiver.start()

    sqs.send_message(QueueUrl=url, MessageBody="hello")
    receiver.join(timeout=5)

    assert [message["Body"] for message in received] == ["hello"]


def test_a_receiver_does_not_wait_longer_than_it_asked(aws: Aws) -> None:
    sqs = aws.client("sqs")
    url = sqs.create_queue(QueueName=f"queue-{uuid4().hex[:8]}", Attributes={"ReceiveMessageWaitTimeSeconds": "1"})[
        "QueueUrl"
    ]
    begun = time.monotonic()

    answer = sqs.receive_message(QueueUrl=url)

    assert "Messages" not in answer
    assert time.monotonic() - begun >= 1


def test_a_message_received_too_often_goes_to_the_dead_letter_queue(aws: Aws) -> None:
    sqs = aws.client("sqs")
    dead = sqs.create_queue(QueueName=f"dead-{uuid4().hex[:8]}")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=dead, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    policy = f'{{"deadLetterTargetArn": "{arn}", "maxReceiveCount": 2}}'
    url = sqs.create_queue(QueueName=f"queue-{uuid4().hex[:8]}", Attributes={"RedrivePolicy": policy})["QueueUrl"]
    sqs.send_message(QueueUrl=url, MessageBody="poison")

    for _ in range(3):
        sqs.receive_message(QueueUrl=url, VisibilityTimeout=0)

    (message,) = eventually(lambda: sqs.receive_message(QueueUrl=dead).get("Messages"))
    assert message["Body"] == "poison"


def test_a_topic_delivers_to_a_queue(aws: Aws) -> None:
    sns, sqs = aws.client("sns"), aws.client("sqs")
    topic = sns.create_topic(Name=f"topic-{uuid4().hex[:8]}")["TopicArn"]
    url = sqs.create_queue(QueueName=f"queue-{uuid4().hex[:8]}")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn, Attributes={"RawMessageDelivery": "true"})

    sns.publish(TopicArn=topic, Message="hello")

    messages = sqs.receive_message(QueueUrl=url, WaitTimeSeconds=5)["Messages"]
    assert [message["Body"] for message in messages] == ["hello"]


def test_a_topic_delivers_to_no_address_off_this_machine(aws: Aws) -> None:
    sns = aws.client("sns")
    topic = sns.create_topic(Name=f"topic-{uuid4().hex[:8]}")["TopicArn"]

    with pytest.raises(sns.exceptions.InvalidParameterException):
        sns.subscribe(TopicArn=topic, Protocol="https", Endpoint="https://example.com/hook")


def test_the_journal_is_read_from_a_number_on(aws: Aws) -> None:
    first = aws.journal.add("invocation.started", functionName="one")["number"]
    aws.journal.add("invocation.finished", functionName="one")

    page = requests.get(f"{aws.endpoint.url}/_local/journal?after={first - 1}&limit=1", timeout=5).json()
    rest = requests.get(f"{aws.endpoint.url}/_local/journal?after={page['next']}", timeout=5).json()

    assert [entry["kind"] for entry in page["entries"]] == ["invocation.started"]
    assert [entry["kind"] for entry in rest["entries"]] == ["invocation.finished"]
    assert rest["next"] == first + 1


def test_an_unknown_control_route_says_so(aws: Aws) -> None:
    answer = requests.get(f"{aws.endpoint.url}/_local/nothing", timeout=5)

    assert answer.status_code == 404
    assert "/_local/nothing" in answer.json()["message"]


def test_an_unknown_operation_says_so(aws: Aws) -> None:
    headers = {"X-Amz-Target": "DynamoDB_20120810.Nonsense", "Content-Type": "application/x-amz-json-1.0"}

    answer = requests.post(aws.endpoint.url, data="{}", headers=headers, timeout=5)

    assert answer.status_code == 400
    assert answer.json()["__type"] == "UnknownOperationException"
