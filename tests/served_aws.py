"""What a test needs of a served endpoint: boto3 clients that talk to it as to AWS, tables and streams, time."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import cache
from typing import Any
from uuid import uuid4

import boto3
import pytest
from botocore.config import Config

from local_aws.endpoint import Endpoint
from local_aws.journal import Journal

ACCOUNT_ID, REGION = "123456789012", "eu-west-1"


class AdjustableClock:
    """The real time, put forward as far as a test wants it."""

    def __init__(self) -> None:
        self.ahead = 0.0

    def __call__(self) -> float:
        return time.time() + self.ahead


@cache
def _session(region: str) -> boto3.Session:
    """One for all tests: it keeps the models of services, which take long to read."""
    return boto3.Session("test", "test", region_name=region)


class Aws:
    """What a test needs of a served endpoint."""

    def __init__(self, endpoint: Endpoint, clock: AdjustableClock, journal: Journal) -> None:
        self.endpoint = endpoint
        self.clock = clock
        self.journal = journal
        self._clients: dict[tuple[str, str], Any] = {}

    def client(self, service: str, region: str = REGION) -> Any:
        """A client that does not retry: tests see the first answer."""
        if (service, region) not in self._clients:
            self._clients[service, region] = self._new_client(service, region)
        return self._clients[service, region]

    def close(self) -> None:
        for client in self._clients.values():
            client.close()

    def _new_client(self, service: str, region: str) -> Any:
        retries = Config(retries={"total_max_attempts": 1})
        return _session(region).client(service, endpoint_url=self.endpoint.url, config=retries)  # type: ignore[call-overload]

    def table(self, view_type: str | None = "NEW_AND_OLD_IMAGES", region: str = REGION) -> str:
        """Create a table with keys `list` and `task`, and with a stream if it has a view type."""
        stream = {"StreamEnabled": True, "StreamViewType": view_type} if view_type else {"StreamEnabled": False}
        name = f"table-{uuid4().hex[:8]}"
        self.client("dynamodb", region).create_table(
            TableName=name,
            KeySchema=[
                {"AttributeName": "list", "KeyType": "HASH"},
                {"AttributeName": "task", "KeyType": "RANGE"},
            ],
            AttributeDefinitions=[
                {"AttributeName": "list", "AttributeType": "S"},
                {"AttributeName": "task", "AttributeType": "S"},
            ],
            BillingMode="PAY_PER_REQUEST",
            StreamSpecification=stream,
        )
        return name

    def stream_arn(self, table: str, region: str = REGION) -> str:
        described = self.client("dynamodb", region).describe_table(TableName=table)["Table"]
        return str(described["LatestStreamArn"])

    def table_changes(self, table: str, region: str = REGION) -> list[dict[str, Any]]:
        """All records of the table's stream."""
        streams, arn = self.client("dynamodbstreams", region), self.stream_arn(table, region)
        records = []
        for shard in streams.describe_stream(StreamArn=arn)["StreamDescription"]["Shards"]:
            iterator = streams.get_shard_iterator(
                StreamArn=arn, ShardId=shard["ShardId"], ShardIteratorType="TRIM_HORIZON"
            )["ShardIterator"]
            while iterator is not None:
                page = streams.get_records(ShardIterator=iterator)
                records += page["Records"]
                iterator = page.get("NextShardIterator") if page["Records"] else None
        return records

    def kinesis_stream(self, shards: int | None = 1) -> str:
        """Create a stream with so many shards, or an on-demand one; answer its ARN."""
        kinesis, name = self.client("kinesis"), f"stream-{uuid4().hex[:8]}"
        if shards is None:
            kinesis.create_stream(StreamName=name, StreamModeDetails={"StreamMode": "ON_DEMAND"})
        else:
            kinesis.create_stream(StreamName=name, ShardCount=shards)
        return str(kinesis.describe_stream_summary(StreamName=name)["StreamDescriptionSummary"]["StreamARN"])

    def kinesis_records(self, stream_arn: str) -> list[dict[str, Any]]:
        """What the shards of a stream hold, shard by shard."""
        kinesis, records = self.client("kinesis"), []
        for shard in kinesis.list_shards(StreamARN=stream_arn)["Shards"]:
            iterator = kinesis.get_shard_iterator(
                StreamARN=stream_arn, ShardId=shard["ShardId"], ShardIteratorType="TRIM_HORIZON"
            )["ShardIterator"]
            records += kinesis.get_records(ShardIterator=iterator)["Records"]
        return records


def item(task: str, **attributes: dict[str, Any]) -> dict[str, Any]:
    """An item of `Aws.table` in the list "a"."""
    return {"list": {"S": "a"}, "task": {"S": task}, **attributes}


def eventually[T](wanted: Callable[[], T], within: float = 10.0) -> T:
    """What `wanted` answers as soon as it is true; a failure after so many seconds."""
    ends = time.monotonic() + within
    while not (found := wanted()):
        if time.monotonic() > ends:
            pytest.fail(f"not within {within} s: {wanted}")
        time.sleep(0.01)
    return found
