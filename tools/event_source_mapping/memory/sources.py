"""Streams in memory as sources of a mapping."""

import asyncio
from dataclasses import replace

from event_source_mapping import formats, records
from event_source_mapping.clock import Clock, wait_until
from event_source_mapping.formats import RecordFormat
from event_source_mapping.memory.store import ShardStore
from event_source_mapping.memory.streams import DataStream, MemoryTableStream
from event_source_mapping.ports import Page, Shard
from event_source_mapping.positions import Position

# Seconds after which a consumer hears that there is nothing.
_SILENCE = 1.0
DEFAULT_ROLE = "arn:aws:iam::123456789012:role/function-role"


class _MemorySource:
    def __init__(self, arn: str, store: ShardStore, record_format: RecordFormat) -> None:
        self.arn = arn
        self.format = record_format
        self.page_limit = store.limits.records
        self._store = store

    @property
    def retention(self) -> float:
        return self._store.limits.retention

    async def shards(self) -> list[Shard]:
        return [
            Shard(shard.shard_id, shard.parents, closed=shard.ending is not None) for shard in self._store.listing()
        ]

    async def iterator(self, shard_id: str, position: Position) -> str:
        return self._store.iterator(shard_id, position)


class TableStreamSource(_MemorySource):
    """A TableStream as a StreamSource."""

    def __init__(self, stream: MemoryTableStream) -> None:
        super().__init__(stream.arn, stream.store, formats.DYNAMODB)

    async def read(self, iterator: str, limit: int) -> Page:
        page = self._store.read(iterator, limit)
        shaped = [records.from_dynamodb(body, self.arn) for body in page.bodies]
        return Page(shaped, page.next_iterator, page.more)


class DataStreamSource(_MemorySource):
    """A DataStream as a StreamSource; `role_arn` is the function's execution role, which records name."""

    event_source_arn: str

    def __init__(self, stream: DataStream, role_arn: str = DEFAULT_ROLE) -> None:
        super().__init__(stream.arn, stream.store, formats.KINESIS)
        self.event_source_arn = stream.arn
        self._role_arn = role_arn
        self._region = stream.arn.split(":")[3]

    async def read(self, iterator: str, limit: int) -> Page:
        page = self._store.read(iterator, limit)
        shard_id = iterator.partition("|")[0]
        source = self.event_source_arn
        shaped = [records.from_kinesis(body, source, shard_id, self._region, self._role_arn) for body in page.bodies]
        return Page(shaped, page.next_iterator, page.more)


class ConsumerSource(DataStreamSource):
    """An enhanced fan-out consumer of a DataStream: a read that finds nothing waits until something comes.

    Now and then it answers without records all the same, as SubscribeToShard does.
    """

    def __init__(self, stream: DataStream, consumer_arn: str, clock: Clock, role_arn: str = DEFAULT_ROLE) -> None:
        super().__init__(stream, role_arn)
        self.event_source_arn = consumer_arn
        self._clock = clock
        self._waiting: set[asyncio.Event] = set()
        stream.store.on_change.append(self._wake)

    def _wake(self) -> None:
        for event in self._waiting:
            event.set()

    async def read(self, iterator: str, limit: int) -> Page:
        page = await super().read(iterator, limit)
        if not page.records and page.next_iterator:
            await self._change()
            page = await super().read(page.next_iterator, limit)
        return replace(page, waited=True)

    async def _change(self) -> None:
        event = asyncio.Event()
        self._waiting.add(event)
        try:
            await wait_until(self._clock, event, self._clock.now() + _SILENCE)
        finally:
            self._waiting.discard(event)
