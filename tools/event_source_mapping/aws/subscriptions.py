"""SubscribeToShard: an enhanced fan-out consumer's records as they are pushed, shard by shard.

Kinesis ends a subscription after five minutes; the next one goes on where it ended (API reference).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from botocore.exceptions import ClientError

from event_source_mapping.aws.calls import CallThreads
from event_source_mapping.positions import Position, PositionType, after

# What Kinesis refuses a subscription with. Endpoints that do not know the operation say something else, each its own.
_OF_KINESIS = frozenset(
    {
        "AccessDeniedException",
        "InvalidArgumentException",
        "LimitExceededException",
        "ResourceInUseException",
        "ResourceNotFoundException",
    }
)


class NotOffered(Exception):
    """The endpoint cannot push: poll instead."""


@dataclass(slots=True)
class _Subscription:
    """`events` is None once Kinesis has ended the subscription; `position` is where the next one begins."""

    position: Position
    events: Iterator[dict[str, Any]] | None


@dataclass(frozen=True, slots=True)
class Pushed:
    """What one event brought; `ended` when the shard holds nothing more."""

    records: list[dict[str, Any]]
    more: bool
    ended: bool


class Subscriptions:
    """The subscriptions of one consumer, one per shard; each holds a thread of `calls` while it waits."""

    def __init__(self, client: Any, consumer_arn: str, calls: CallThreads) -> None:
        self._client = client
        self._consumer_arn = consumer_arn
        self._calls = calls
        self._of_shard: dict[str, _Subscription] = {}

    async def open(self, shard_id: str, position: Position) -> None:
        """Subscribe to a shard from `position` on, instead of any earlier time; raise NotOffered or a SourceError."""
        events = await self._calls.read(self._subscribed, shard_id=shard_id, position=position)
        self._of_shard[shard_id] = _Subscription(position, events)

    async def next(self, shard_id: str) -> Pushed:
        """Wait for the next event of an open subscription, which is renewed when it has ended; raise a SourceError."""
        subscription = self._of_shard[shard_id]
        while True:
            if subscription.events is None:
                await self.open(shard_id, subscription.position)
                subscription = self._of_shard[shard_id]
            events, subscription.events = subscription.events, None  # if it breaks off, the next call opens another
            event = await self._calls.wait(lambda taken: next(taken, None), taken=events)
            if event is not None:
                subscription.events = events
                return _pushed(subscription, event["SubscribeToShardEvent"])

    def _subscribed(self, shard_id: str, position: Position) -> Iterator[dict[str, Any]]:
        where: dict[str, Any] = {"Type": str(position.type)}
        if position.sequence_number is not None:
            where["SequenceNumber"] = position.sequence_number
        if position.type is PositionType.AT_TIMESTAMP and position.timestamp is not None:
            where["Timestamp"] = datetime.fromtimestamp(position.timestamp, UTC)
        try:
            answer = self._client.subscribe_to_shard(
                ConsumerARN=self._consumer_arn, ShardId=shard_id, StartingPosition=where
            )
        except ClientError as error:
            if error.response["Error"]["Code"] in _OF_KINESIS:
                raise
            raise NotOffered(str(error)) from error
        except NotImplementedError as error:
            raise NotOffered(str(error)) from error
        return iter(answer["EventStream"])


def _pushed(subscription: _Subscription, event: dict[str, Any]) -> Pushed:
    """Note where the subscription goes on; at the shard's end there is no such place."""
    going_on = event.get("ContinuationSequenceNumber")
    if going_on:
        subscription.position = after(going_on)
    return Pushed(event["Records"], more=event.get("MillisBehindLatest", 0) > 0, ended=not going_on)
