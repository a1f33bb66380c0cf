"""moto's Kinesis streams with shards of our own: closed parents, lineage, sequence numbers as AWS's look.

https://docs.aws.amazon.com/streams/latest/dev/key-concepts.html
"""

from __future__ import annotations

import hashlib
import re
from bisect import bisect_right
from typing import Any, cast

import moto.kinesis.urls
from moto.kinesis.exceptions import InvalidArgumentError, ResourceInUseError
from moto.kinesis.models import Consumer, KinesisBackend, Stream

from .clock import Clock
from .hash_range_shard import HashRangeShard
from .shard_quotas import check_change, check_consumers, check_shards
from .state.keeper import Keeper

KEY_SPACE = 2**128
ON_DEMAND_SHARDS = 4
LEAST_KIB = 1_024
"""Lower bound of ``MaxRecordSizeInKiB``, and its default."""
BY_KEY, AUTO = "USER_PARTITION_KEY", "AUTO"
"""Values of ``RecordDistributionStrategy``."""
_DIGITS = re.compile(r"[0-9]{1,39}")


class ShardedStream(Stream):
    """moto's stream, on `HashRangeShard`."""

    max_record_kib: int = LEAST_KIB
    """Size of a record at the most, its partition key included."""
    distribution: str = BY_KEY
    _spread: int = 0
    shard_count: int  # of the open shards

    def __init__(self, clock: Clock, keeper: Keeper, *args: Any, **settings: Any) -> None:
        self.clock = clock
        self._keeper = keeper
        super().__init__(*args, **settings)

    def is_created(self) -> bool:
        return True

    @property
    def is_on_demand(self) -> bool:
        return bool(self.stream_mode) and self.stream_mode.get("StreamMode") == "ON_DEMAND"

    def init_shards(self, shard_count: int) -> None:
        step = KEY_SPACE // shard_count
        starts = [index * step for index in range(shard_count)]
        ends = [start - 1 for start in starts[1:]] + [KEY_SPACE - 1]
        self.shards = {}
        for hash_range in zip(starts, ends, strict=True):
            self._add(hash_range)
        self._refresh()

    def split_shard(self, shard_to_split: str, new_starting_hash_key: str) -> None:
        shard, middle = self._open(shard_to_split), _hash_key("-", new_starting_hash_key or "-")
        if not shard.starting_hash < middle <= shard.ending_hash:
            raise InvalidArgumentError(
                f"NewStartingHashKey {middle} used in SplitShard() on shard {shard_to_split} in stream "
                f"{self.stream_name} under account {self.account_id} is not both greater than one plus the shard's "
                f"StartingHashKey {shard.starting_hash} and less than the shard's EndingHashKey "
                f"{shard.ending_hash - 1}."
            )
        shard.log.close()
        self._add((shard.starting_hash, middle - 1), (shard.shard_id,))
        self._add((middle, shard.ending_hash), (shard.shard_id,))
        self._refresh()

    def merge_shards(self, shard_to_merge: str, adjacent_shard_to_merge: str) -> None:
        one, other = self._open(shard_to_merge), self._open(adjacent_shard_to_merge)
        low, high = sorted((one, other), key=lambda shard: shard.starting_hash)
        if low.ending_hash + 1 != high.starting_hash:
            raise InvalidArgumentError(
                f"Shards {shard_to_merge} and {adjacent_shard_to_merge} in stream {self.stream_name} under account "
                f"{self.account_id} are not an adjacent pair of shards eligible for merging."
            )
        one.log.close()
        other.log.close()
        self._add((low.starting_hash, high.ending_hash), (one.shard_id, other.shard_id))
        self._refresh()

    def put_record(self, partition_key: str, explicit_hash_key: str | None, data: str) -> tuple[str, str]:
        """Put one record into the open shard whose range holds its hash key; `data` is base64."""
        hash_key = _hash_key(partition_key, explicit_hash_key)
        if self.distribution == AUTO:  # ignores partition keys: each record goes to any shard
            self._spread += 1
            hash_key = _hash_key(str(self._spread), None)
        shard = self._ranges[bisect_right(self._starts, hash_key) - 1]
        encryption = self.encryption_type if self.encryption_type != "NONE" else None
        entry = shard.put(partition_key, data, encryption)
        self._keeper.entry(shard.log.entries, entry)
        return str(entry.sequence_number), shard.shard_id

    def all_shards(self) -> list[HashRangeShard]:
        """Shards that still hold records or may get some, oldest first; trimmed to the retention period."""
        oldest = self.clock() - self.retention_period_hours * 3600
        shards: list[HashRangeShard] = list(self.shards.values())  # type: ignore[arg-type]
        for shard in shards:
            shard.log.trim(oldest)
            if not shard.is_open and not len(shard.log) and shard.created_at < oldest:
                del self.shards[shard.shard_id]
        return list(self.shards.values())  # type: ignore[arg-type]

    def find_shard(self, shard_id: str) -> HashRangeShard | None:
        return next((shard for shard in self.all_shards() if shard.shard_id == shard_id), None)

    def children(self, shard_id: str) -> list[HashRangeShard]:
        return [shard for shard in self.all_shards() if shard_id in shard.parents]

    def _open(self, shard_id: str) -> HashRangeShard:
        shard: HashRangeShard = self.get_shard(shard_id)  # type: ignore[assignment]
        if not shard.is_open:
            raise InvalidArgumentError(
                f"Shard {shard_id} in stream {self.stream_name} under account {self.account_id} has already been "
                "merged or split, and thus is not eligible for merging or splitting."
            )
        return shard

    def _add(self, hash_range: tuple[int, int], parents: tuple[str, ...] = ()) -> None:
        last = next(reversed(self.shards), None)  # shards are added in the order of their numbers
        index = 0 if last is None else int(last.rpartition("-")[2]) + 1
        shard = HashRangeShard(index, hash_range, self.clock, parents)
        self.shards[shard.shard_id] = shard  # type: ignore[assignment]

    def _refresh(self) -> None:
        """Lay out the open shards by hash key; they always cover the whole key space."""
        shards: list[HashRangeShard] = list(self.shards.values())  # type: ignore[arg-type]
        self._ranges = sorted((shard for shard in shards if shard.is_open), key=lambda shard: shard.starting_hash)
        self._starts = [shard.starting_hash for shard in self._ranges]
        self.shard_count = len(self._ranges)


class ShardedStreams(KinesisBackend):
    """moto's Kinesis of one account and region, with `ShardedStream` for its streams."""

    def __init__(self, region_name: str, account_id: str, clock: Clock, keeper: Keeper) -> None:
        super().__init__(region_name, account_id)
        self.clock = clock
        self._keeper = keeper

    @property
    def _url_module(self) -> Any:
        """moto looks for the routes beside the module of the class."""
        return moto.kinesis.urls

    def create_stream(
        self,
        stream_name: str,
        shard_count: int | None,
        stream_mode: dict[str, str] | None = None,
        retention_period_hours: int | None = None,
    ) -> Stream:
        if stream_name in self.streams:
            raise ResourceInUseError(stream_name)
        on_demand = (stream_mode or {}).get("StreamMode") == "ON_DEMAND"
        wanted = ON_DEMAND_SHARDS if on_demand else int(shard_count or 1)
        self._make_room(wanted)
        self.streams[stream_name] = ShardedStream(
            self.clock,
            self._keeper,
            stream_name,
            wanted,
            stream_mode=stream_mode,
            retention_period_hours=retention_period_hours,
            account_id=self.account_id,
            region_name=self.region_name,
        )
        return self.streams[stream_name]

    def update_shard_count(self, stream_arn: str, stream_name: str, target_shard_count: int) -> int:
        present = cast("ShardedStream", self.describe_stream(stream_arn, stream_name)).shard_count
        check_change(present, int(target_shard_count))
        self._make_room(int(target_shard_count) - present)
        return super().update_shard_count(stream_arn, stream_name, int(target_shard_count))

    def split_shard(self, stream_arn: str, stream_name: str, *args: Any, **more: Any) -> None:
        self._make_room(1)
        super().split_shard(stream_arn, stream_name, *args, **more)

    def _make_room(self, shards: int) -> None:
        present = sum(cast("ShardedStream", stream).shard_count for stream in self.streams.values())
        check_shards(present, shards, self.account_id, self.region_name)

    def register_stream_consumer(self, stream_arn: str, consumer_name: str) -> Consumer:
        stream = self.describe_stream(
            stream_arn, None
        )  # raises for a stream that is not there, which moto does not look for
        if any(consumer.consumer_name == consumer_name for consumer in stream.consumers):
            raise ResourceInUseError(f"Consumer {consumer_name}")
        check_consumers(len(stream.consumers), stream_arn)
        consumer = super().register_stream_consumer(stream_arn, consumer_name)
        consumer.consumer_arn += f":{int(consumer.created.timestamp())}"
        return consumer

    def deregister_stream_consumer(self, stream_arn: str, consumer_name: str, consumer_arn: str) -> None:
        consumer = self.describe_stream_consumer(stream_arn, consumer_name, consumer_arn)
        super().deregister_stream_consumer("", "", consumer.consumer_arn)


def _hash_key(partition_key: str, explicit_hash_key: str | None) -> int:
    if not partition_key or len(partition_key) > 256:
        raise InvalidArgumentError("A partition key has from 1 to 256 characters")
    if not explicit_hash_key:
        return int.from_bytes(hashlib.md5(partition_key.encode(), usedforsecurity=False).digest())
    if not _DIGITS.fullmatch(explicit_hash_key) or int(explicit_hash_key) >= KEY_SPACE:
        raise InvalidArgumentError(f"ExplicitHashKey must be between 0 and {KEY_SPACE - 1}")
    return int(explicit_hash_key)
