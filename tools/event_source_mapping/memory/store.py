"""Shards in memory: they take records, split, merge, close and are trimmed; iterators expire.

One thread at a time may use a store.
"""

import bisect
from collections.abc import Callable, Iterator
from typing import Any

from event_source_mapping.errors import IteratorExpired, RecordsTrimmed, ShardNotFound
from event_source_mapping.memory.stored import Limits, StoredPage, StoredRecord, StoredShard
from event_source_mapping.positions import Position, PositionType

HASH_SPACE = 2**128


class ShardStore:
    """The shards of one stream, numbered by `numbers`, named by `name_of(index)`."""

    def __init__(
        self,
        shards: int,
        limits: Limits,
        now: Callable[[], float],
        numbers: Iterator[int],
        name_of: Callable[[int], str],
    ) -> None:
        self.limits = limits
        self._now = now
        self._numbers = numbers
        self._name_of = name_of
        self._named = 0
        self.on_change: list[Callable[[], None]] = []  # called when a record has come or a shard has closed
        self._shards: dict[str, StoredShard] = {}
        self._open_shards: list[StoredShard] = []
        width = HASH_SPACE // shards
        for index in range(shards):
            last = HASH_SPACE - 1 if index == shards - 1 else (index + 1) * width - 1
            self._open((), index * width, last)

    def listing(self) -> list[StoredShard]:
        """Every shard that holds or may still take records."""
        self.expire()
        return list(self._shards.values())

    def shard(self, shard_id: str) -> StoredShard:
        if shard_id not in self._shards:
            raise ShardNotFound(f"shard {shard_id} does not exist")
        return self._shards[shard_id]

    @property
    def is_divided(self) -> bool:
        """Whether it depends on a record's hash key which shard takes it."""
        return len(self._open_shards) > 1

    def append(self, hash_key: int, size: int, body: Callable[[int, float], dict[str, Any]]) -> StoredRecord:
        """Add the record that `body(sequence number, arrival)` makes to the open shard of the hash key."""
        shard = next(shard for shard in self._open_shards if shard.first_hash <= hash_key <= shard.last_hash)
        number, arrival = next(self._numbers), self._now()
        record = StoredRecord(number, arrival, size, body(number, arrival), shard.shard_id)
        shard.records.append(record)
        self._changed()
        return record

    def split(self, shard_id: str, at: int | None = None) -> tuple[str, str]:
        """Close a shard; its hash range goes on in two children, the second from `at` (default: the middle)."""
        parent = self._close(shard_id)
        middle = (parent.first_hash + parent.last_hash + 1) // 2 if at is None else at
        return (
            self._open((shard_id,), parent.first_hash, middle - 1),
            self._open((shard_id,), middle, parent.last_hash),
        )

    def merge(self, shard_id: str, adjacent_id: str) -> str:
        """Close two neighbours; their hash ranges go on in one child."""
        first, second = self._close(shard_id), self._close(adjacent_id)
        low, high = min(first.first_hash, second.first_hash), max(first.last_hash, second.last_hash)
        return self._open((shard_id, adjacent_id), low, high)

    def roll(self, shard_id: str) -> str:
        """Close a shard and go on in one child, as a table's stream does every few hours."""
        parent = self._close(shard_id)
        return self._open((shard_id,), parent.first_hash, parent.last_hash)

    def close(self) -> None:
        """Close every open shard, as disabling a stream does."""
        for shard in list(self._open_shards):
            self._close(shard.shard_id)

    def _open(self, parents: tuple[str, ...], first_hash: int, last_hash: int) -> str:
        shard_id = self._name_of(self._named)
        self._named += 1
        shard = StoredShard(shard_id, parents, first_hash, last_hash, next(self._numbers))
        self._shards[shard_id] = shard
        self._open_shards.append(shard)
        return shard_id

    def _close(self, shard_id: str) -> StoredShard:
        shard = self.shard(shard_id)
        self._open_shards.remove(shard)
        shard.ending = shard.records[-1].sequence_number if shard.records else shard.starting
        shard.closed_at = self._now()
        self._changed()
        return shard

    def _changed(self) -> None:
        for listener in self.on_change:
            listener()

    def trim(self, shard_id: str, count: int) -> None:
        """Move the trim horizon past the oldest `count` records."""
        shard = self.shard(shard_id)
        gone = shard.records[:count]
        if gone:
            shard.last_trimmed = gone[-1].sequence_number
            shard.trimmed += len(gone)
            del shard.records[:count]

    def expire(self) -> None:
        """Trim what is older than the retention; drop closed shards of which nothing is left."""
        horizon = self._now() - self.limits.retention
        for shard in list(self._shards.values()):
            if shard.records and shard.records[0].arrival < horizon:
                self.trim(shard.shard_id, bisect.bisect_left(shard.records, horizon, key=lambda record: record.arrival))
            if shard.ending is not None and not shard.records and shard.closed_at < horizon:
                del self._shards[shard.shard_id]

    def iterator(self, shard_id: str, position: Position) -> str:
        """An iterator; raise RecordsTrimmed where the stream refuses sequence numbers beyond its horizon."""
        shard = self.shard(shard_id)
        return self._iterator(shard, shard.trimmed + self._index(shard, position))

    def renewed(self, iterator: str) -> str:
        """The same place as an iterator that was issued now."""
        shard_id, ordinal, _ = iterator.split("|")
        return self._iterator(self.shard(shard_id), int(ordinal))

    def _index(self, shard: StoredShard, position: Position) -> int:
        records = shard.records
        if position.type is PositionType.TRIM_HORIZON:
            return 0
        if position.type is PositionType.LATEST:
            return len(records)
        if position.type is PositionType.AT_TIMESTAMP:
            return bisect.bisect_left(records, position.timestamp or 0.0, key=lambda record: record.arrival)
        number = int(position.sequence_number or 0)
        if number <= shard.last_trimmed and self.limits.refuses_trimmed:
            raise RecordsTrimmed(f"{number} of {shard.shard_id} lies beyond the trim horizon")
        if position.type is PositionType.AT_SEQUENCE_NUMBER:
            return bisect.bisect_left(records, number, key=lambda record: record.sequence_number)
        return bisect.bisect_right(records, number, key=lambda record: record.sequence_number)

    def _iterator(self, shard: StoredShard, ordinal: int) -> str:
        return f"{shard.shard_id}|{ordinal}|{self._now()!r}"

    def read(self, iterator: str, limit: int) -> StoredPage:
        """The next records within the stream's limits of count and size."""
        shard_id, ordinal, issued = iterator.split("|")
        if self._now() - float(issued) > self.limits.iterator_life:
            raise IteratorExpired(f"the iterator of {shard_id} was issued too long ago")
        shard = self.shard(shard_id)
        first = int(ordinal) - shard.trimmed
        if first < 0 and self.limits.refuses_trimmed:
            raise RecordsTrimmed(f"the iterator of {shard_id} points beyond the trim horizon")
        first = max(first, 0)
        records = self._within_size(shard.records[first : first + min(limit, self.limits.records)])
        reached = first + len(records)
        more = reached < len(shard.records)
        ended = shard.ending is not None and not more
        behind = int((self._now() - shard.records[reached].arrival) * 1000) if more else 0
        next_iterator = None if ended else self._iterator(shard, shard.trimmed + reached)
        return StoredPage([record.body for record in records], next_iterator, behind, more)

    def _within_size(self, records: list[StoredRecord]) -> list[StoredRecord]:
        room = self.limits.bytes
        for count, record in enumerate(records):
            room -= record.size
            if room < 0 and count:
                return records[:count]
        return records
