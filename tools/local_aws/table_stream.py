"""The stream of one table: what DynamoDB Streams keeps of its changes, for 24 hours, in shards.

https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Streams.html
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any
from uuid import uuid4

from .changes import TTL_IDENTITY, ItemChange, size_of
from .clock import Clock
from .shard_log import Entry, ShardLog

RETENTION_SECONDS = 24 * 3600
SHARD_SECONDS = 4 * 3600
"""A shard is closed and followed by another about every four hours, as observed on AWS."""


class StreamViewType(StrEnum):
    KEYS_ONLY = "KEYS_ONLY"
    NEW_IMAGE = "NEW_IMAGE"
    OLD_IMAGE = "OLD_IMAGE"
    NEW_AND_OLD_IMAGES = "NEW_AND_OLD_IMAGES"


@dataclass(slots=True)
class StreamShard:
    shard_id: str
    parent: str | None
    created_at: float
    log: ShardLog


@dataclass
class TableStream:
    """Shards in the order of their creation; the last one is open while the stream is enabled."""

    table_arn: str
    table_name: str
    key_schema: list[dict[str, str]]
    view_type: StreamViewType
    region: str
    clock: Clock
    enabled: bool = True
    created_at: float = field(init=False)
    label: str = field(init=False)
    shards: list[StreamShard] = field(init=False, default_factory=list)

    def __post_init__(self) -> None:
        self.created_at = self.clock()
        instant = datetime.fromtimestamp(self.created_at, UTC)
        self.label = instant.strftime("%Y-%m-%dT%H:%M:%S.") + f"{instant.microsecond // 1000:03d}"
        self._gaps = random.Random(self.label)  # noqa: S311 - spacing of numbers, nothing secret
        # Numbers as AWS's look: more digits than 64 bits hold, going up with gaps.
        self._last_number = int(f"1{int(self.created_at):012d}00000000000")
        self._open_shard(parent=None)

    @property
    def arn(self) -> str:
        return f"{self.table_arn}/stream/{self.label}"

    def __setstate__(self, state: dict[str, Any]) -> None:
        """Go on behind the last record, of which the state may have been told later than of the number."""
        self.__dict__ |= state
        self._last_number = max(self._last_number, *(shard.log.last for shard in self.shards))

    def append(self, change: ItemChange) -> Entry:
        """Record a change in the open shard."""
        shard = self.shards[-1]
        number = self._next_number()
        dynamodb = self._dynamodb(change, number)
        record: dict[str, Any] = {
            "eventID": change.event_id,
            "eventName": change.event_name,
            "eventVersion": "1.1",
            "eventSource": "aws:dynamodb",
            "awsRegion": self.region,
            "dynamodb": dynamodb,
        }
        if change.by_ttl:
            record["userIdentity"] = TTL_IDENTITY
        entry = Entry(number, change.at, dynamodb["SizeBytes"], record)
        shard.log.append(entry)
        return entry

    def is_due_to_roll(self, now: float) -> bool:
        return now - self.shards[-1].created_at > SHARD_SECONDS

    def roll(self) -> StreamShard:
        """Close the open shard and go on in a child of it."""
        parent = self.shards[-1]
        parent.log.close()
        return self._open_shard(parent=parent.shard_id)

    def disable(self) -> None:
        """Take no more records; what there is stays readable until it is 24 hours old."""
        self.enabled = False
        self.shards[-1].log.close()

    def shard(self, shard_id: str) -> StreamShard | None:
        self.trim()
        return next((shard for shard in self.shards if shard.shard_id == shard_id), None)

    def trim(self) -> None:
        """Forget records past retention, and closed shards that have none left."""
        oldest = self.clock() - RETENTION_SECONDS
        for shard in self.shards:
            shard.log.trim(oldest)
        self.shards = [
            shard for shard in self.shards if shard.log.is_open or len(shard.log) or shard.created_at >= oldest
        ]

    def _open_shard(self, parent: str | None) -> StreamShard:
        created_at = self.clock()
        shard_id = f"shardId-{int(created_at * 1000):020d}-{uuid4().hex[:8]}"
        shard = StreamShard(shard_id, parent, created_at, ShardLog(self._next_number()))
        self.shards.append(shard)
        return shard

    def _next_number(self) -> int:
        self._last_number += self._gaps.randint(1, 97)
        return self._last_number

    def _dynamodb(self, change: ItemChange, number: int) -> dict[str, Any]:
        """The record's inner part, with the images that the view type shows."""
        dynamodb: dict[str, Any] = {
            # The service rounds down to the second (API reference, StreamRecord).
            "ApproximateCreationDateTime": int(change.at),
            "Keys": change.keys,
        }
        if change.new_image is not None and self.view_type in (
            StreamViewType.NEW_IMAGE,
            StreamViewType.NEW_AND_OLD_IMAGES,
        ):
            dynamodb["NewImage"] = change.new_image
        if change.old_image is not None and self.view_type in (
            StreamViewType.OLD_IMAGE,
            StreamViewType.NEW_AND_OLD_IMAGES,
        ):
            dynamodb["OldImage"] = change.old_image
        images = (dynamodb.get(name) for name in ("Keys", "NewImage", "OldImage"))
        dynamodb["SequenceNumber"] = str(number)
        dynamodb["SizeBytes"] = sum(size_of(image) for image in images if image is not None)
        dynamodb["StreamViewType"] = self.view_type
        return dynamodb
