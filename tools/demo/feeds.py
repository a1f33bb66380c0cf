"""The streams as they stand: what each consumer was given, read past our own code."""

from collections.abc import Iterator
from typing import Any

from changestream.wire.lambda_event import kinesis_record, table_stream_record
from consumers.kinds import Feed
from consumers.reading import Consumer
from demo.ledger import user_records
from demo.runtime import ServedStack
from domain.tasks import is_of_a_task
from verification.changes import Given, given

Record = dict[str, Any]


class Feeds:
    """Reads each stream once; ``sources`` has the ARN of the stream that each function is mapped to, by its name."""

    def __init__(self, runtime: ServedStack) -> None:
        self._runtime = runtime
        self._read: dict[str, list[Record]] = {}
        self._given: dict[tuple[str, ...], list[Given]] = {}
        self.sources = dict(_mappings(runtime))

    def given(self, consumer: Consumer, function: str) -> list[Given]:
        """Return what a consumer was given; ``function`` is the name of its function."""
        arn = self.sources[function]
        if arn not in self._read:
            self._read[arn] = list(self._records(arn))
        wanted = (arn, *consumer.filters)
        if wanted not in self._given:
            records = self._read[arn]
            is_other = consumer.feed is Feed.OTHER
            self._given[wanted] = list(_revisions(records)) if is_other else given(consumer, records, is_of_a_task)
        return self._given[wanted]

    def _records(self, arn: str) -> Iterator[Record]:
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


def _revisions(records: list[Record]) -> Iterator[Given]:
    """Yield the revisions of documents in the records of a ledger's stream."""
    for record in records:
        for document in user_records(record):
            if document["recordType"] == "REVISION_DETAILS":
                revision = document["payload"]["revision"]
                metadata = revision["metadata"]
                keys = {"documentId": str(metadata["id"])}
                is_removal = revision.get("data") is None
                yield Given(keys, int(metadata["version"]) + 1, is_removal, [record["kinesis"]["sequenceNumber"]])
