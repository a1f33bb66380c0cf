"""The shards of a stream, over all pages of their listing."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class ListedShard:
    """One shard; ``parents`` may name shards that are trimmed already. ``last`` is ``None`` while it is open.

    ``hash_keys`` is the range of partition keys that it takes, of Kinesis alone.
    """

    shard_id: str
    parents: tuple[str, ...]
    first: str
    last: str | None
    hash_keys: tuple[str, str] | None = None

    @property
    def is_open(self) -> bool:
        """Whether records still arrive in it."""
        return self.last is None


def table_shards(client: Any, stream_arn: str) -> list[ListedShard]:
    """Return those of a table's stream (API reference, DynamoDB Streams ``DescribeStream``: at most 100 a page)."""
    return [
        ListedShard(
            each["ShardId"],
            (each["ParentShardId"],) if each.get("ParentShardId") else (),
            each["SequenceNumberRange"].get("StartingSequenceNumber", ""),
            each["SequenceNumberRange"].get("EndingSequenceNumber"),
        )
        for each in _described(client, stream_arn)
    ]


def kinesis_shards(client: Any, stream_arn: str) -> list[ListedShard]:
    """Return those of a Kinesis stream (API reference, ``ListShards``)."""
    return [
        ListedShard(
            each["ShardId"],
            tuple(each[name] for name in ("ParentShardId", "AdjacentParentShardId") if each.get(name)),
            each["SequenceNumberRange"]["StartingSequenceNumber"],
            each["SequenceNumberRange"].get("EndingSequenceNumber"),
            (each["HashKeyRange"]["StartingHashKey"], each["HashKeyRange"]["EndingHashKey"]),
        )
        for each in _listed(client, stream_arn)
    ]


def _listed(client: Any, stream_arn: str) -> Iterator[Mapping[str, Any]]:
    """A further page takes its token alone; boto3's paginator would name the stream again, which Kinesis refuses."""
    request = {"StreamARN": stream_arn}
    while True:
        page = client.list_shards(**request)
        yield from page["Shards"]
        if not page.get("NextToken"):
            return
        request = {"NextToken": page["NextToken"]}


def _described(client: Any, stream_arn: str) -> Iterator[Mapping[str, Any]]:
    following: dict[str, str] = {}
    while True:
        description = client.describe_stream(StreamArn=stream_arn, **following)["StreamDescription"]
        yield from description["Shards"]
        if not description.get("LastEvaluatedShardId"):
            return
        following = {"ExclusiveStartShardId": description["LastEvaluatedShardId"]}
