"""Kinesis Data Streams for DynamoDB: each change of a table as a record in a Kinesis stream.

At least once, in no promised order, ordered by `ApproximateCreationDateTime` for whoever cares. On request
records are repeated and held back here as they may be on AWS.
https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/kds.html
"""

from __future__ import annotations

import hashlib
import json
import random
import threading
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Protocol
from uuid import UUID

from .changes import TTL_IDENTITY, ItemChange, size_of
from .clock import Clock
from .disorder import Disorder
from .measurements import Measurements
from .state.keeper import Forgetful, Keeper

HELD_SECONDS = 0.25
"""A record held back is delivered after this time at the latest, however few follow it."""
MOST_OVERTAKING = 4


class Precision(StrEnum):
    MILLISECOND = "MILLISECOND"
    MICROSECOND = "MICROSECOND"


class CapturedTable(Protocol):
    """A table whose changes are captured."""

    name: str
    table_arn: str
    region_name: str


@dataclass(slots=True)
class Destination:
    """A Kinesis stream that captures a table."""

    stream_arn: str
    precision: Precision | None
    active: bool = True
    last_time: int = 0
    """Microseconds; the next record's time is later, however fast the writes."""


@dataclass(slots=True)
class _Held:
    stream_arn: str
    partition_key: str
    text: bytes
    overtakers: int
    until: float


type Put = Callable[[str, str, bytes], None]
"""Put (stream ARN, partition key, data) into Kinesis."""


@dataclass
class Capture:
    """Takes changes and delivers them; `flush` is called every now and then (background.py)."""

    clock: Clock
    put: Put
    exists: Callable[[str], bool]
    """Whether there is a Kinesis stream of this ARN."""
    most_bytes: Callable[[str], int]
    """Size of a record at the most, its partition key included, by stream ARN."""
    keeper: Keeper = field(default_factory=Forgetful)
    disorder: Disorder = field(default_factory=Disorder)
    seed: int = 0
    measurements: Measurements | None = None
    _destinations: dict[str, dict[str, Destination]] = field(default_factory=dict)
    _held: list[_Held] = field(default_factory=list)
    skipped: Counter[str] = field(default_factory=Counter)
    """By table name, how many records were skipped because they exceed their stream's limit: what CloudWatch calls
    ``FailedToReplicateRecordCount``. DynamoDB skips such a record at once and goes on with the next one."""

    def __post_init__(self) -> None:
        self._lock = threading.RLock()
        self._random = random.Random(self.seed)  # noqa: S311 - a repeatable disorder, nothing secret

    @property
    def held(self) -> int:
        """How many records are held back at the moment."""
        return len(self._held)

    def snapshot(self) -> Any:
        """The destinations, and what is held back: `restore` takes it."""
        return self._destinations, self._held

    def restore(self, snapshot: Any) -> None:
        self._destinations, self._held = snapshot

    def destinations(self, table: CapturedTable) -> dict[str, Destination]:
        """The destinations of a table by stream ARN, those disabled included."""
        return self._destinations.setdefault(table.table_arn, {})

    def forget(self, table: CapturedTable) -> None:
        self._destinations.pop(table.table_arn, None)

    def take(self, table: CapturedTable, change: ItemChange) -> None:
        for destination in self._destinations.get(table.table_arn, {}).values():
            if destination.active:
                with self._lock:
                    self._deliver(table, change, destination)

    def flush(self, everything: bool = False) -> None:
        """Deliver what has been held back long enough."""
        now = self.clock()
        with self._lock:
            due = [held for held in self._held if everything or held.until <= now]
            self._held = [held for held in self._held if held not in due]
            for held in due:
                self.put(held.stream_arn, held.partition_key, held.text)

    def _deliver(self, table: CapturedTable, change: ItemChange, destination: Destination) -> None:
        text = json.dumps(_document(table, change, destination), separators=(",", ":")).encode()
        # An item's changes share a partition key, as those of AWS seem to; its form is not documented.
        key = hashlib.md5(json.dumps(change.keys).encode(), usedforsecurity=False).hexdigest().upper()
        if len(text) + len(key) > self.most_bytes(destination.stream_arn):
            self.skipped[table.name] += 1
            self._count_loss(table)
            return
        for _ in range(2 if self._chance(self.disorder.repeats) else 1):
            if self._chance(self.disorder.reorders):
                overtakers = self._random.randint(1, MOST_OVERTAKING)
                held = _Held(destination.stream_arn, key, text, overtakers, self.clock() + HELD_SECONDS)
                self._held.append(held)
                self.keeper.touch()
            else:
                self.put(destination.stream_arn, key, text)
                self._overtaken(destination.stream_arn)

    def _count_loss(self, table: CapturedTable) -> None:
        if self.measurements is not None:
            # DynamoDB's documentation does not give the value of the second dimension.
            dimensions = {"TableName": table.name, "DelegatedOperation": "unknown"}
            name = "FailedToReplicateRecordCount"
            self.measurements.add("AWS/DynamoDB", name, dimensions, 1, self.clock())

    def _overtaken(self, stream_arn: str) -> None:
        for held in list(self._held):
            if held.stream_arn == stream_arn:
                held.overtakers -= 1
                if held.overtakers <= 0:
                    self._held.remove(held)
                    self.put(held.stream_arn, held.partition_key, held.text)

    def _chance(self, percent: float) -> bool:
        return percent > 0 and self._random.random() * 100 < percent


def _document(table: CapturedTable, change: ItemChange, destination: Destination) -> dict[str, Any]:
    """The record as AWS writes it: no sequence number, no view type, all images there are."""
    destination.last_time = max(int(change.at * 1_000_000), destination.last_time + 1)
    microseconds = destination.precision is not Precision.MILLISECOND
    dynamodb: dict[str, Any] = {
        "ApproximateCreationDateTime": destination.last_time if microseconds else destination.last_time // 1000,
        "Keys": change.keys,
    }
    if change.new_image is not None:
        dynamodb["NewImage"] = change.new_image
    if change.old_image is not None:
        dynamodb["OldImage"] = change.old_image
    images = (change.keys, change.new_image, change.old_image)
    dynamodb["SizeBytes"] = sum(size_of(image) for image in images if image is not None)
    if microseconds:
        dynamodb["ApproximateCreationDateTimePrecision"] = Precision.MICROSECOND
    identity = {name[0].lower() + name[1:]: value for name, value in TTL_IDENTITY.items()}
    return {
        "awsRegion": table.region_name,
        "eventID": str(UUID(change.event_id)),
        "eventName": change.event_name,
        "userIdentity": identity if change.by_ttl else None,
        "recordFormat": "application/json",
        "tableName": table.name,
        "dynamodb": dynamodb,
        "eventSource": "aws:dynamodb",
    }
