"""The EventCount metrics of a mapping, counted at what it reads from, invokes and gives up to.

A mapping with `MetricsConfig: {Metrics: [EventCount]}` publishes them, under its UUID.
https://docs.aws.amazon.com/lambda/latest/dg/monitoring-metrics-types.html#event-source-mapping-metrics
"""

import math
import time
from collections.abc import Callable
from typing import Any

from event_source_mapping.errors import DestinationRefused, SourceError
from event_source_mapping.filters import RecordFilter
from event_source_mapping.formats import RecordFormat
from event_source_mapping.ports import (
    Destinations,
    DiscardedBatch,
    Function,
    FunctionAnswer,
    Page,
    QueueSource,
    Retaining,
    Shard,
    StreamSource,
)
from event_source_mapping.positions import Position
from event_source_mapping.settings import EVENT_COUNT, MappingSettings
from local_aws.measurements import Measurements

NAMESPACE = "AWS/Lambda"


class EventCounts:
    """Counts for one mapping; `settings` returns those that it has at the moment."""

    def __init__(self, uuid: str, settings: Callable[[], MappingSettings], measurements: Measurements) -> None:
        self._dimensions = {"EventSourceMappingUUID": uuid}
        self._settings = settings
        self._measurements = measurements

    def count(self, name: str, value: float) -> None:
        if EVENT_COUNT in self._settings().metrics:
            self._measurements.add(NAMESPACE, name, self._dimensions, value, time.time())

    def polled(self, records: list[dict[str, Any]]) -> None:
        """Count a poll, an empty one as 0, and what the filter drops of it."""
        self.count("PolledEventCount", len(records))
        settings = self._settings()
        filters = RecordFilter.compiled(settings.filter_patterns, str(settings.kind))
        if filters is not None and records and EVENT_COUNT in settings.metrics:
            self.count("FilteredOutEventCount", sum(not filters.passes(record) for record in records))

    def delivery_failed(self, function_arn: str) -> None:
        """Count that a destination refused; Lambda does so for every mapping, by its function."""
        name = {"FunctionName": function_arn.split(":")[6]}
        self._measurements.add(NAMESPACE, "DestinationDeliveryFailures", name, 1, time.time())


class CountedStream:
    """A stream source whose polls are counted."""

    def __init__(self, source: StreamSource, counts: EventCounts) -> None:
        self._source = source
        self._counts = counts

    @property
    def arn(self) -> str:
        return self._source.arn

    @property
    def format(self) -> RecordFormat:
        return self._source.format

    @property
    def page_limit(self) -> int:
        return self._source.page_limit

    @property
    def retention(self) -> float:
        return self._source.retention if isinstance(self._source, Retaining) else math.inf

    async def shards(self) -> list[Shard]:
        return await self._source.shards()

    async def iterator(self, shard_id: str, position: Position) -> str:
        return await self._source.iterator(shard_id, position)

    async def read(self, iterator: str, limit: int) -> Page:
        page = await self._source.read(iterator, limit)
        self._counts.polled(page.records)
        return page


class CountedQueue:
    """A queue whose polls and deletions are counted."""

    def __init__(self, source: QueueSource, counts: EventCounts) -> None:
        self._source = source
        self._counts = counts

    @property
    def arn(self) -> str:
        return self._source.arn

    async def receive(self, limit: int, wait: float) -> list[dict[str, Any]]:
        messages = await self._source.receive(limit, wait)
        self._counts.polled(messages)
        return messages

    async def delete(self, messages: list[dict[str, Any]]) -> None:
        try:
            await self._source.delete(messages)
        except SourceError:
            self._counts.count("DeletedEventCount", 0)
            raise
        self._counts.count("DeletedEventCount", len(messages))

    async def release(self, messages: list[dict[str, Any]]) -> None:
        await self._source.release(messages)


class CountedFunction:
    """A function whose events are counted; `function` may be given another target meanwhile."""

    def __init__(self, function: Function, counts: EventCounts) -> None:
        self._function = function
        self._counts = counts

    @property
    def arn(self) -> str:
        return self._function.arn

    async def invoke(self, event: dict[str, Any]) -> FunctionAnswer:
        events = len(event.get("Records", ()))
        self._counts.count("InvokedEventCount", events)
        invocation = await self._function.invoke(event)
        failed = events if invocation.function_error is not None else _reported(invocation.response)
        self._counts.count("FailedInvokeEventCount", min(failed, events))
        return invocation


class CountedDestinations:
    """Destinations whose deliveries are counted, in records of the batch."""

    def __init__(self, destinations: Destinations, counts: EventCounts, function: Function) -> None:
        self._destinations = destinations
        self._counts = counts
        self._function = function

    async def send(self, arn: str, batch: DiscardedBatch) -> None:
        records = len(batch.payload.get("Records", ()))
        try:
            await self._destinations.send(arn, batch)
        except DestinationRefused:
            self._counts.delivery_failed(self._function.arn)
            self._counts.count("DroppedEventCount", records)
            raise
        self._counts.count("OnFailureDestinationDeliveredEventCount", records)


def counted(
    source: StreamSource | QueueSource, function: Function, destinations: Destinations, counts: EventCounts
) -> tuple[StreamSource | QueueSource, Function, Destinations]:
    """Return what an engine is made of, with its events counted."""
    polled = CountedQueue(source, counts) if isinstance(source, QueueSource) else CountedStream(source, counts)
    return polled, CountedFunction(function, counts), CountedDestinations(destinations, counts, function)


def _reported(response: Any) -> int:
    """Return how many events a partial batch response names."""
    failures = response.get("batchItemFailures") if isinstance(response, dict) else None
    return len(failures) if isinstance(failures, list) else 0
