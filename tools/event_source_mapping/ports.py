"""What the engine needs from its host: a source, a function, destinations. All else is decided inside."""

from dataclasses import dataclass
from typing import Any, Protocol, runtime_checkable

from event_source_mapping.formats import RecordFormat
from event_source_mapping.positions import Position


@dataclass(frozen=True, slots=True)
class FunctionAnswer:
    """A function's answer; `response` is its payload, decoded from JSON."""

    request_id: str
    executed_version: str
    function_error: str | None
    response: Any


class Function(Protocol):
    @property
    def arn(self) -> str:
        """As configured in the mapping, alias included."""
        ...

    async def invoke(self, event: dict[str, Any]) -> FunctionAnswer:
        """Invoke synchronously; raise Throttled when the function was not reached.

        The event's records are lent: they are delivered again on a retry, so they must not be changed.
        """
        ...


@dataclass(frozen=True, slots=True)
class Shard:
    """One shard of a stream's listing; `closed` when it takes no more records."""

    shard_id: str
    parents: tuple[str, ...] = ()
    closed: bool = False


@dataclass(frozen=True, slots=True)
class Page:
    """One read: records in the shape that functions see, and where to read on (None: the shard has ended).

    `more` says that another read would find records at once, `waited` that a read waits for records by itself, so
    that the next one may begin without a pause.
    """

    records: list[dict[str, Any]]
    next_iterator: str | None
    more: bool = False
    waited: bool = False


@runtime_checkable
class StreamSource(Protocol):
    @property
    def arn(self) -> str: ...

    @property
    def format(self) -> RecordFormat: ...

    @property
    def page_limit(self) -> int:
        """The most records that one read may ask for."""
        ...

    async def shards(self) -> list[Shard]:
        """Every shard that can still be read, open or closed; raise SourceError."""
        ...

    async def iterator(self, shard_id: str, position: Position) -> str:
        """An iterator at `position`; raise RecordsTrimmed, ShardNotFound or another SourceError."""
        ...

    async def read(self, iterator: str, limit: int) -> Page:
        """The next records; raise IteratorExpired, RecordsTrimmed, ShardNotFound or another SourceError."""
        ...


@runtime_checkable
class Retaining(Protocol):
    """A stream that says for how long it keeps records: none is tried for longer than that."""

    @property
    def retention(self) -> float:
        """Seconds; known once the shards have been listed."""
        ...


@runtime_checkable
class QueueSource(Protocol):
    @property
    def arn(self) -> str: ...

    async def receive(self, limit: int, wait: float) -> list[dict[str, Any]]:
        """At most `limit` (1..10) messages in the shape that functions see, waiting up to `wait` seconds."""
        ...

    async def delete(self, messages: list[dict[str, Any]]) -> None:
        """Delete messages that `receive` gave; raise SourceError when the queue did not take it."""
        ...

    async def release(self, messages: list[dict[str, Any]]) -> None:
        """Make messages that `receive` gave visible again at once; raise SourceError."""
        ...


@dataclass(frozen=True, slots=True)
class DiscardedBatch:
    """What a mapping gives up on: the on-failure message, and what destinations that keep records need besides."""

    message: dict[str, Any]
    mapping_uuid: str
    shard_id: str
    payload: dict[str, Any]


class Destinations(Protocol):
    async def send(self, arn: str, batch: DiscardedBatch) -> None:
        """Hand the batch to the destination; raise DestinationRefused unless it has taken it."""
        ...
