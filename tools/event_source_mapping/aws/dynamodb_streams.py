"""A table's stream on AWS as a source, through a boto3 `dynamodbstreams` client."""

from typing import Any

from event_source_mapping import formats
from event_source_mapping.aws.calls import CallThreads
from event_source_mapping.errors import ShardNotFound, SourceError
from event_source_mapping.formats import RecordFormat
from event_source_mapping.ports import Page, Shard
from event_source_mapping.positions import Position
from event_source_mapping.records import from_dynamodb

_PAGE_LIMIT = 1_000
_RETENTION = 86_400.0


class DynamoDBStreamSource:
    """Reads the stream `arn`; `calls` may be shared among the sources of one host."""

    def __init__(self, client: Any, arn: str, calls: CallThreads | None = None) -> None:
        self._client = client
        self._calls = calls or CallThreads()
        self.arn = arn
        self.format: RecordFormat = formats.DYNAMODB
        self.page_limit = _PAGE_LIMIT
        self.retention = _RETENTION

    async def shards(self) -> list[Shard]:
        shards: list[Shard] = []
        start: dict[str, str] = {}
        while True:
            try:
                answer = await self._calls.read(self._client.describe_stream, StreamArn=self.arn, **start)
            except ShardNotFound as error:
                raise SourceError(f"Stream not found: {self.arn}") from error
            description = answer["StreamDescription"]
            shards += [_shard(described) for described in description["Shards"]]
            if not description.get("LastEvaluatedShardId"):
                return shards
            start = {"ExclusiveStartShardId": description["LastEvaluatedShardId"]}

    async def iterator(self, shard_id: str, position: Position) -> str:
        sequence_number = {"SequenceNumber": position.sequence_number} if position.sequence_number else {}
        answer = await self._calls.read(
            self._client.get_shard_iterator,
            StreamArn=self.arn,
            ShardId=shard_id,
            ShardIteratorType=str(position.type),
            **sequence_number,
        )
        return str(answer["ShardIterator"])

    async def read(self, iterator: str, limit: int) -> Page:
        answer = await self._calls.read(self._client.get_records, ShardIterator=iterator, Limit=limit)
        records = [from_dynamodb(record, self.arn) for record in answer["Records"]]
        return Page(records, answer.get("NextShardIterator"), more=len(records) >= limit)


def _shard(described: dict[str, Any]) -> Shard:
    parent = described.get("ParentShardId")
    closed = bool(described.get("SequenceNumberRange", {}).get("EndingSequenceNumber"))
    return Shard(described["ShardId"], (parent,) if parent else (), closed)
