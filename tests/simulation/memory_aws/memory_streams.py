"""Writing and reading streams through a client, in memory or not."""

from collections.abc import Iterator
from typing import Any
from uuid import uuid4

Json = dict[str, Any]
SHARD = "shardId-000000000000"


def stream(kinesis: Any, shards: int = 1) -> str:
    name = f"stream-{uuid4()}"
    kinesis.create_stream(StreamName=name, ShardCount=shards)
    return str(kinesis.describe_stream_summary(StreamName=name)["StreamDescriptionSummary"]["StreamARN"])


def put(kinesis: Any, arn: str, *contents: bytes, **more: Any) -> list[Json]:
    return [kinesis.put_record(StreamARN=arn, PartitionKey="key", Data=content, **more) for content in contents]


def iterator(client: Any, arn: str, shard_id: str = SHARD, kind: str = "TRIM_HORIZON", **more: Any) -> str:
    stream_arn = {"StreamARN": arn} if ":kinesis:" in arn else {"StreamArn": arn}
    answer = client.get_shard_iterator(**stream_arn, ShardId=shard_id, ShardIteratorType=kind, **more)
    return str(answer["ShardIterator"])


def pages(client: Any, first: str, **more: Any) -> Iterator[Json]:
    """Every page up to the tip of an open shard or the end of a closed one."""
    following: str | None = first
    while following:
        page = client.get_records(ShardIterator=following, **more)
        yield page
        following = page.get("NextShardIterator") if page["MillisBehindLatest"] else None


def contents(client: Any, first: str) -> list[bytes]:
    return [record["Data"] for page in pages(client, first) for record in page["Records"]]
