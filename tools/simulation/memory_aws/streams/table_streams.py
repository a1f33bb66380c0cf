"""DynamoDB Streams of one region.

https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_Operations_Amazon_DynamoDB_Streams.html
"""

from typing import Any

from event_source_mapping.memory import MemoryTableStream
from event_source_mapping.memory.streams import DYNAMODB_LIMITS
from simulation.memory_aws.client import Operation
from simulation.memory_aws.dynamodb.tables import Tables
from simulation.memory_aws.dynamodb.values import copied
from simulation.memory_aws.errors import Refusal, invalid
from simulation.memory_aws.hook import Answer, Call
from simulation.memory_aws.streams.reading import (
    MOST_SHARDS,
    iterator_of,
    numbers_of,
    page_of,
    shard_page,
    split_iterator,
)

INVALID = "ValidationException"


class DynamoDbStreams:
    """Reads the streams that the tables of the region have and had."""

    reentrant = False

    def __init__(self, tables: Tables) -> None:
        self._tables = tables
        self.operations: dict[str, Operation] = {
            "list_streams": self._list_streams,
            "describe_stream": self._describe_stream,
            "get_shard_iterator": self._get_shard_iterator,
            "get_records": self._get_records,
        }

    def _stream(self, arn: str) -> MemoryTableStream:
        if arn not in self._tables.streams:
            raise Refusal("ResourceNotFoundException", f"Requested resource not found: Stream: {arn} not found")
        return self._tables.streams[arn]

    def _list_streams(self, call: Call) -> Answer:
        wanted = call.parameters.get("TableName")
        streams = [(arn, arn.split("/")) for arn in sorted(self._tables.streams)]
        return {
            "Streams": [
                {"StreamArn": arn, "TableName": name, "StreamLabel": label}
                for arn, (_, name, _, label) in streams
                if wanted in (None, name)
            ]
        }

    def _describe_stream(self, call: Call) -> Answer:
        parameters = call.parameters
        arn = parameters["StreamArn"]
        shards = self._stream(arn).store.listing()
        page, more = shard_page(shards, parameters.get("ExclusiveStartShardId"), parameters.get("Limit", MOST_SHARDS))
        _, name, _, label = arn.split("/")
        described: dict[str, Any] = {
            "StreamArn": arn,
            "StreamLabel": label,
            "StreamStatus": "ENABLED" if any(shard.ending is None for shard in shards) else "DISABLED",
            "TableName": name,
            "Shards": [
                {"ShardId": shard.shard_id, "SequenceNumberRange": numbers_of(shard)}
                | ({"ParentShardId": shard.parents[0]} if shard.parents else {})
                for shard in page
            ],
        }
        if more:
            described["LastEvaluatedShardId"] = page[-1].shard_id
        return {"StreamDescription": described}

    def _get_shard_iterator(self, call: Call) -> Answer:
        arn = call.parameters["StreamArn"]
        return iterator_of(self._stream(arn).store, arn, call.parameters, "SequenceNumber", INVALID)

    def _get_records(self, call: Call) -> Answer:
        limit = call.parameters.get("Limit", DYNAMODB_LIMITS.records)
        if limit < 1:
            raise invalid(f"Value '{limit}' at 'limit' failed to satisfy constraint: Member must be at least 1")
        if limit > DYNAMODB_LIMITS.records:
            raise Refusal("LimitExceededException", f"Limit {limit} exceeds the most of {DYNAMODB_LIMITS.records}")
        arn, inner = split_iterator(call.parameters["ShardIterator"], INVALID)
        page, following = page_of(self._stream(arn).store, arn, inner, limit, empty=call.whims.empty)
        answer: Answer = {"Records": [_lent(body) for body in page.bodies]}
        return answer | ({"NextShardIterator": following} if following else {})


def _lent(record: dict[str, Any]) -> dict[str, Any]:
    """Return a record whose images are the caller's to change."""
    change = {
        name: copied(inner) if name in ("Keys", "NewImage", "OldImage") else inner
        for name, inner in record["dynamodb"].items()
    }
    return record | {"dynamodb": change}
