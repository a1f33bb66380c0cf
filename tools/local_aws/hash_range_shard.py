"""One shard of a Kinesis stream, with sequence numbers as AWS's look."""

from __future__ import annotations

from typing import Any

from .clock import Clock
from .shard_log import Entry, ShardLog

_STEP = 10**13


class HashRangeShard:
    """One shard: a range of hash keys and the records that fell into it."""

    def __init__(self, index: int, hash_range: tuple[int, int], clock: Clock, parents: tuple[str, ...] = ()):
        self.index = index
        self.shard_id = f"shardId-{index:012d}"
        self.starting_hash, self.ending_hash = hash_range
        self.parents = parents
        self.clock = clock
        self.created_at = clock()
        # 56 digits: a mark, the time of creation (a child's numbers exceed its parents'), a count, the shard.
        self._base = int(f"49{int(self.created_at * 1_000_000):017d}" + "0" * 37)
        self._count = 0
        self.log = ShardLog(self._base + self.index)

    @property
    def is_open(self) -> bool:
        return self.log.is_open

    def __setstate__(self, state: dict[str, Any]) -> None:
        """Go on behind the last record, of which the state may have been told later than of the count."""
        self.__dict__ |= state
        self._count = max(self._count, (self.log.last - self._base) // _STEP)

    def put(self, partition_key: str, data: str, encryption: str | None) -> Entry:
        """Append a record, its data in base64 as it came over the wire."""
        self._count += 1
        number = self._base + self._count * _STEP + self.index
        at = self.clock()
        record = {
            "SequenceNumber": str(number),
            "ApproximateArrivalTimestamp": int(at * 1000) / 1000,
            "Data": data,
            "PartitionKey": partition_key,
        }
        if encryption is not None:
            record["EncryptionType"] = encryption
        entry = Entry(number, at, len(data) * 3 // 4 + len(partition_key), record)
        self.log.append(entry)
        return entry

    def to_json(self) -> dict[str, Any]:
        """The member `Shard` of the API."""
        numbers = {"StartingSequenceNumber": str(self.log.starting_sequence_number)}
        if self.log.closing_sequence_number is not None:
            numbers["EndingSequenceNumber"] = str(self.log.closing_sequence_number)
        parents = dict(zip(("ParentShardId", "AdjacentParentShardId"), self.parents, strict=False))
        return {
            "ShardId": self.shard_id,
            **parents,
            "HashKeyRange": {
                "StartingHashKey": str(self.starting_hash),
                "EndingHashKey": str(self.ending_hash),
            },
            "SequenceNumberRange": numbers,
        }
