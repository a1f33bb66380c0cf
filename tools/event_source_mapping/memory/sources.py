"""Streams in memory as sources of a mapping."""

from event_source_mapping import formats, records
from event_source_mapping.formats import RecordFormat
from event_source_mapping.memory.store import ShardStore
from event_source_mapping.memory.streams import DataStream, TableStream
from event_source_mapping.ports import Page, Shard
from event_source_mapping.positions import Position

DEFAULT_ROLE = "arn:aws:iam::123456789012:role/function-role"


class _MemorySource:
    def __init__(self, arn: str, store: ShardStore, record_format: RecordFormat) -> None:
        self.arn = arn
        self.format = record_format
        self.page_limit = store.limits.records
        self._store = store

    async def shards(self) -> list[Shard]:
        return [
            Shard(shard.shard_id, shard.parents, closed=shard.ending is not None) for shard in self._store.listing()
        ]

    async def iterator(self, shard_id: str, position: Position) -> str:
        return self._store.iterator(shard_id, position)


class TableStreamSource(_MemorySource):
    """A TableStream as a StreamSource."""

    def __init__(self, stream: TableStream) -> None:
        super().__init__(stream.arn, stream.store, formats.DYNAMODB)

    async def read(self, iterator: str, limit: int) -> Page:
        page = self._store.read(iterator, limit)
        shaped = [records.from_dynamodb(body, self.arn) for body in page.bodies]
        return Page(shaped, page.next_iterator, page.more)


class DataStreamSource(_MemorySource):
    """A DataStream as a StreamSource; `role_arn` is the function's execution role, which records name."""

    def __init__(self, stream: DataStream, role_arn: str = DEFAULT_ROLE) -> None:
        super().__init__(stream.arn, stream.store, formats.KINESIS)
        self._role_arn = role_arn
        self._region = stream.arn.split(":")[3]

    async def read(self, iterator: str, limit: int) -> Page:
        page = self._store.read(iterator, limit)
        shard_id = iterator.partition("|")[0]
        shaped = [records.from_kinesis(body, self.arn, shard_id, self._region, self._role_arn) for body in page.bodies]
        return Page(shaped, page.next_iterator, page.more)
