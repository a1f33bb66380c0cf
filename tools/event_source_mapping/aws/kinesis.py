"""A Kinesis data stream on AWS as a source, through a boto3 `kinesis` client."""

from datetime import UTC, datetime
from typing import Any

from event_source_mapping import formats
from event_source_mapping.aws.calls import Calls
from event_source_mapping.errors import ShardNotFound, SourceError
from event_source_mapping.formats import RecordFormat
from event_source_mapping.ports import Page, Shard
from event_source_mapping.positions import Position, PositionType
from event_source_mapping.records import from_kinesis

_PAGE_LIMIT = 10_000


class KinesisSource:
    """Reads the stream `arn`; records name `role_arn`, the function's execution role."""

    def __init__(self, client: Any, arn: str, role_arn: str, calls: Calls | None = None) -> None:
        self._client = client
        self._calls = calls or Calls()
        self._role_arn = role_arn
        self._region = arn.split(":")[3]
        self._shard_of: dict[str, str] = {}  # iterators do not tell their shard; records must
        self.arn = arn
        self.format: RecordFormat = formats.KINESIS
        self.page_limit = _PAGE_LIMIT

    async def shards(self) -> list[Shard]:
        shards: list[Shard] = []
        page: dict[str, str] = {"StreamARN": self.arn}
        while True:
            try:
                answer = await self._calls.read(self._client.list_shards, **page)
            except ShardNotFound as error:
                raise SourceError(f"Stream not found: {self.arn}") from error
            shards += [_shard(described) for described in answer["Shards"]]
            if not answer.get("NextToken"):
                return shards
            page = {"NextToken": answer["NextToken"]}

    async def iterator(self, shard_id: str, position: Position) -> str:
        where: dict[str, Any] = {}
        if position.sequence_number is not None:
            where["StartingSequenceNumber"] = position.sequence_number
        if position.type is PositionType.AT_TIMESTAMP and position.timestamp is not None:
            where["Timestamp"] = datetime.fromtimestamp(position.timestamp, UTC)
        answer = await self._calls.read(
            self._client.get_shard_iterator,
            StreamARN=self.arn,
            ShardId=shard_id,
            ShardIteratorType=str(position.type),
            **where,
        )
        iterator = str(answer["ShardIterator"])
        self._shard_of = {old: shard for old, shard in self._shard_of.items() if shard != shard_id}
        self._shard_of[iterator] = shard_id
        return iterator

    async def read(self, iterator: str, limit: int) -> Page:
        answer = await self._calls.read(
            self._client.get_records, StreamARN=self.arn, ShardIterator=iterator, Limit=limit
        )
        shard_id = self._shard_of.pop(iterator)
        following = answer.get("NextShardIterator")
        if following:
            self._shard_of[following] = shard_id
        records = [
            from_kinesis(record, self.arn, shard_id, self._region, self._role_arn) for record in answer["Records"]
        ]
        return Page(records, following, more=answer.get("MillisBehindLatest", 0) > 0)


def _shard(described: dict[str, Any]) -> Shard:
    parents = (described.get("ParentShardId"), described.get("AdjacentParentShardId"))
    closed = bool(described["SequenceNumberRange"].get("EndingSequenceNumber"))
    return Shard(described["ShardId"], tuple(parent for parent in parents if parent), closed)
