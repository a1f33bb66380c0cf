"""Streams and queues of the endpoint, and a function that tells what it was given."""

import json
import uuid
from collections.abc import Iterator
from typing import Any

import boto3
import pytest

from local_aws.journal import Journal
from local_aws.lambda_service import LambdaService

ACCOUNT_ID = "123456789012"
REGION = "eu-west-1"
# Tells what it was given, and fails a batch that holds the word "bad".
TELLING = """
    import base64, json
    def lambda_handler(event, context):
        records = event["Records"]
        seen = [base64.b64decode(r["kinesis"]["data"]).decode() if "kinesis" in r else r["body"] for r in records]
        print("seen", json.dumps(seen))
        if "bad" in seen:
            raise ValueError("bad")
        return {"batchItemFailures": []}
"""


@pytest.fixture(scope="module")
def clients(endpoint: str) -> dict[str, Any]:
    """boto3 clients of the endpoint, by service."""
    session: Any = boto3.session.Session(aws_access_key_id="test", aws_secret_access_key="test", region_name=REGION)
    return {name: session.client(name, endpoint_url=endpoint) for name in ("kinesis", "sqs")}


@pytest.fixture
def service(journal: Journal, endpoint: str) -> Iterator[LambdaService]:
    service = LambdaService(ACCOUNT_ID, REGION, endpoint, journal, poll_interval=0.02)
    yield service
    service.close()


@pytest.fixture
def stream(clients: dict[str, Any]) -> str:
    name = f"changes-{uuid.uuid4().hex[:8]}"
    clients["kinesis"].create_stream(StreamName=name, ShardCount=1)
    return f"arn:aws:kinesis:{REGION}:{ACCOUNT_ID}:stream/{name}"


@pytest.fixture
def queue(clients: dict[str, Any]) -> str:
    name = f"messages-{uuid.uuid4().hex[:8]}"
    clients["sqs"].create_queue(QueueName=name)
    return f"arn:aws:sqs:{REGION}:{ACCOUNT_ID}:{name}"


@pytest.fixture
def put(clients: dict[str, Any], stream: str) -> Any:
    def put(*words: str) -> None:
        records = [{"Data": word.encode(), "PartitionKey": "one"} for word in words]
        clients["kinesis"].put_records(StreamARN=stream, Records=records)

    return put


@pytest.fixture
def seen(journal: Journal) -> Any:
    """All that the function has seen, in order, with repetitions."""

    def words() -> list[str]:
        lines = [entry["line"] for entry in journal.after(0, 10_000) if entry["kind"] == "function.log"]
        return [word for line in lines if line.startswith("seen ") for word in json.loads(line[5:])]

    return words


@pytest.fixture
def telling(deploy: Any) -> str:
    """The name of a function that tells what it was given."""
    deploy(TELLING)
    return "consumer"
