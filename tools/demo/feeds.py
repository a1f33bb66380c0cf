"""The streams as they stand, each read once and past our own code: what the consumers were given."""

from collections.abc import Iterator
from typing import Any

from changestream.wire.lambda_event import kinesis_record, table_stream_record
from consumers.kinds import Feed
from consumers.reading import Consumer
from demo.runtime import ServedStack
from domain.subjects import changes_of
from verification.changes import Given

Record = dict[str, Any]


class Feeds:
    """Reads each stream once; ``sources`` has the ARN of the stream that each function is mapped to, by its name."""

    def __init__(self, runtime: ServedStack) -> None:
        self._runtime = runtime
        self._records: dict[str, list[Record]] = {}
        self._changes: dict[str, list[Given]] = {}
        self.sources = dict(_mappings(runtime))

    def changes(self, consumer: Consumer) -> list[Given]:
        """Return what a consumer's stream carries."""
        arn = self._stream(consumer)
        if arn not in self._changes:
            self._changes[arn] = changes_of(consumer.feed, self.records(consumer))
        return self._changes[arn]

    def changes_of(self, feed: Feed) -> list[Given]:
        """Return what the streams of one feed carry."""
        of_feed = {self._stream(one): one for one in self._runtime.consumers if one.feed is feed}
        return [change for consumer in of_feed.values() for change in self.changes(consumer)]

    def records(self, consumer: Consumer) -> list[Record]:
        """Return the records of a consumer's stream, as Lambda delivers them."""
        arn = self._stream(consumer)
        if arn not in self._records:
            self._records[arn] = list(self._read(arn))
        return self._records[arn]

    def _stream(self, consumer: Consumer) -> str:
        return self.sources[self._runtime.resources[consumer.function]]

    def _read(self, arn: str) -> Iterator[Record]:
        if ":dynamodb:" in arn:
            client = self._runtime.client("dynamodbstreams")
            shards = client.describe_stream(StreamArn=arn)["StreamDescription"]["Shards"]
            for _, record in _in_shards(client, shards, StreamArn=arn):
                yield table_stream_record(record, arn)
            return
        client = self._runtime.client("kinesis")
        shards = client.list_shards(StreamARN=arn)["Shards"]
        for shard_id, record in _in_shards(client, shards, StreamARN=arn):
            yield kinesis_record(record, arn, shard_id, "")


def _mappings(runtime: ServedStack) -> Iterator[tuple[str, str]]:
    """Yield (function, ARN of the stream) of every mapping of a stream in the stack."""
    for page in runtime.client("lambda").get_paginator("list_event_source_mappings").paginate():
        for each in page["EventSourceMappings"]:
            arn = each["EventSourceArn"].partition("/consumer/")[0]
            if arn.split(":")[2] in ("dynamodb", "kinesis"):
                yield each["FunctionArn"].split(":")[6], arn


def _in_shards(client: Any, shards: list[Any], **stream: str) -> Iterator[tuple[str, Record]]:
    for shard in shards:
        shard_id = shard["ShardId"]
        request = stream | {"ShardId": shard_id, "ShardIteratorType": "TRIM_HORIZON"}
        iterator = client.get_shard_iterator(**request)["ShardIterator"]
        while iterator:
            page = client.get_records(ShardIterator=iterator)
            for record in page["Records"]:
                yield shard_id, record
            iterator = page.get("NextShardIterator") if page["Records"] else None
