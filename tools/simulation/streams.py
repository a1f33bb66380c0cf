"""The streams of the simulation: who put which record where, and what their shards go through."""

from collections.abc import Callable, Iterator
from random import Random
from typing import Any

from event_source_mapping.memory import DataStream, MemoryTableStream, ShardStore
from simulation.faults import Fault, Faults
from simulation.polling import Bell

MOST_SHARDS = 6
MOST_DIGITS_MORE = 17
"""A table's stream begins with 22 digits, and has 40 at the most (API reference, ``SequenceNumber``)."""


class WatchedStream:
    """A stream whose records are known by their sequence numbers, even when they are trimmed."""

    def __init__(
        self, stream: MemoryTableStream | DataStream, faults: Faults, chance: Random, now: Callable[[], float]
    ) -> None:
        self.stream = stream
        self.bell = Bell()
        self.bodies: dict[str, Any] = {}
        """Of every record ever put, as boto3 would return it."""
        self.shard_of: dict[str, str] = {}
        self.arrival_of: dict[str, float] = {}
        self._faults = faults
        self._now = now
        self._chance = chance
        self._ranges: list[tuple[int, int, str]] = []
        self.changed_at = 0.0
        """When the last record came, or the last shard closed."""
        stream.store.on_change.append(self._changed)
        stream.store._numbers = _growing(next(stream.store._numbers), chance.choice((3, 5, 20)))
        append: Callable[..., Any] = stream.store.append

        def noting(hash_key: int, size: int, body: Callable[[int, float], dict[str, Any]]) -> Any:
            stored = append(hash_key, size, body)
            number = str(stored.sequence_number)
            self.bodies[number] = stored.body
            self.arrival_of[number] = stored.arrival
            self.shard_of[number] = self._shard_at(hash_key)
            return stored

        stream.store.append = noting  # type: ignore[method-assign] # the store tells nobody where a record went

    def _changed(self) -> None:
        self.changed_at = self._now()
        self.bell.ring()

    @property
    def store(self) -> ShardStore:
        return self.stream.store

    def trimmed(self) -> set[str]:
        """Return the records that the stream has no more."""
        kept = {str(one.sequence_number) for shard in self.store.listing() for one in shard.records}
        return self.bodies.keys() - kept

    def split(self) -> None:
        """Split an open shard."""
        if len(self._open()) < MOST_SHARDS:
            self._ranges = []
            self.store.split(self._chance.choice(self._open()))
            self._faults.counts[Fault.SPLIT] += 1

    def merge(self) -> None:
        """Merge two neighbours, if there are any."""
        shards = sorted(self._open(), key=lambda shard_id: self.store.shard(shard_id).first_hash)
        if len(shards) > 1:
            place = self._chance.randrange(len(shards) - 1)
            self._ranges = []
            self.store.merge(shards[place], shards[place + 1])
            self._faults.counts[Fault.MERGED] += 1

    def roll(self) -> None:
        """Close a shard and go on in a child, as a table's stream does every few hours."""
        self._ranges = []
        self.store.roll(self._chance.choice(self._open()))
        self._faults.counts[Fault.ROLLED] += 1

    def _open(self) -> list[str]:
        return [shard.shard_id for shard in self.store.listing() if shard.ending is None]

    def _shard_at(self, hash_key: int) -> str:
        if not self._ranges:
            self._ranges = [
                (shard.first_hash, shard.last_hash, shard.shard_id)
                for shard in self.store.listing()
                if shard.ending is None
            ]
        return next(shard_id for first, last, shard_id in self._ranges if first <= hash_key <= last)


def _growing(first: int, often: int) -> Iterator[int]:
    """Rising numbers that get a digit more with every so many, up to what is documented of a table's stream.

    Each time they pass a power of ten: as text, what comes after it comes before.
    """
    digits = len(str(first))
    for power in range(digits, digits + MOST_DIGITS_MORE):
        number = 10**power - often
        for count in range(often):
            yield number
            number += 1 + count % 3
    while True:
        yield number
        number += 1
