"""A Kinesis data stream on AWS as a source, through a boto3 `kinesis` client."""

import asyncio
import math
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

from event_source_mapping import formats
from event_source_mapping.aws.calls import CallThreads
from event_source_mapping.aws.subscriptions import NotOffered, Subscriptions
from event_source_mapping.errors import ShardNotFound, SourceError
from event_source_mapping.formats import RecordFormat
from event_source_mapping.ports import Page, Shard
from event_source_mapping.positions import Position, PositionType
from event_source_mapping.records import from_kinesis

_PAGE_LIMIT = 10_000
_HOUR = 3_600.0
# Between reads in place of a push, where an endpoint does not offer it.
_PUSH_PAUSE = 0.05
_PUSHED = "pushed|"


class KinesisSource:
    """Reads the stream `arn`, or what is pushed to the consumer `arn`; records name `role_arn`, the execution role.

    A consumer's records are read like anyone's, only more often, where the endpoint has no SubscribeToShard.
    """

    def __init__(self, client: Any, arn: str, role_arn: str, calls: CallThreads | None = None) -> None:
        self._client = client
        self._calls = calls or CallThreads()
        self._event_source_arn = arn
        self._role_arn = role_arn
        self._region = arn.split(":")[3]
        self._shard_of: dict[str, str] = {}  # iterators do not tell their shard; records must
        self.arn, consumer, _ = arn.partition("/consumer/")
        self._subscriptions = Subscriptions(client, arn, self._calls) if consumer else None
        self.format: RecordFormat = formats.KINESIS
        self.page_limit = _PAGE_LIMIT
        self.retention = math.inf

    async def shards(self) -> list[Shard]:
        try:
            summary = await self._calls.read(self._client.describe_stream_summary, StreamARN=self.arn)
        except ShardNotFound as error:
            raise SourceError(f"Stream not found: {self.arn}") from error
        self.retention = summary["StreamDescriptionSummary"]["RetentionPeriodHours"] * _HOUR
        shards: list[Shard] = []
        page: dict[str, str] = {"StreamARN": self.arn}
        while True:
            answer = await self._calls.read(self._client.list_shards, **page)
            shards += [_shard(described) for described in answer["Shards"]]
            if not answer.get("NextToken"):
                return shards
            page = {"NextToken": answer["NextToken"]}

    async def iterator(self, shard_id: str, position: Position) -> str:
        if self._subscriptions is not None:
            with suppress(NotOffered):
                await self._subscriptions.open(shard_id, position)
                return f"{_PUSHED}{shard_id}"
        return await self._shard_iterator(shard_id, position)

    async def _shard_iterator(self, shard_id: str, position: Position) -> str:
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
        if self._subscriptions is not None and iterator.startswith(_PUSHED):
            shard_id = iterator.removeprefix(_PUSHED)
            pushed = await self._subscriptions.next(shard_id)
            following = None if pushed.ended else iterator
            return Page(self._shaped(pushed.records, shard_id), following, pushed.more, waited=True)
        page = await self._polled(iterator, limit)
        if page.waited and not page.records:
            await asyncio.sleep(_PUSH_PAUSE)
        return page

    async def _polled(self, iterator: str, limit: int) -> Page:
        answer = await self._calls.read(
            self._client.get_records, StreamARN=self.arn, ShardIterator=iterator, Limit=limit
        )
        shard_id = self._shard_of.pop(iterator)
        following = answer.get("NextShardIterator")
        if following:
            self._shard_of[following] = shard_id
        more = answer.get("MillisBehindLatest", 0) > 0
        return Page(self._shaped(answer["Records"], shard_id), following, more, waited=self._subscriptions is not None)

    def _shaped(self, records: list[dict[str, Any]], shard_id: str) -> list[dict[str, Any]]:
        return [
            from_kinesis(record, self._event_source_arn, shard_id, self._region, self._role_arn) for record in records
        ]


def _shard(described: dict[str, Any]) -> Shard:
    parents = (described.get("ParentShardId"), described.get("AdjacentParentShardId"))
    closed = bool(described["SequenceNumberRange"].get("EndingSequenceNumber"))
    return Shard(described["ShardId"], tuple(parent for parent in parents if parent), closed)
