"""What a stream in memory is made of."""

from dataclasses import dataclass, field
from typing import Any

_DAY = 86_400.0


@dataclass(frozen=True, slots=True)
class Limits:
    """What one kind of stream allows: of a read, of an iterator, and what it does beyond the trim horizon."""

    records: int
    bytes: int
    iterator_life: float
    refuses_trimmed: bool
    retention: float = _DAY


@dataclass(frozen=True, slots=True)
class StoredRecord:
    sequence_number: int
    arrival: float
    size: int
    body: dict[str, Any]
    shard_id: str


@dataclass(slots=True)
class StoredShard:
    """`ending` is set when the shard closes; `trimmed` counts the records that are gone from its front."""

    shard_id: str
    parents: tuple[str, ...]
    first_hash: int
    last_hash: int
    starting: int
    ending: int | None = None
    closed_at: float = 0.0
    records: list[StoredRecord] = field(default_factory=list)
    trimmed: int = 0
    last_trimmed: int = -1


@dataclass(frozen=True, slots=True)
class StoredPage:
    bodies: list[dict[str, Any]]
    next_iterator: str | None
    milliseconds_behind: int
    more: bool
