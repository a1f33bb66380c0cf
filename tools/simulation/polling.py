"""The pollers' side of Lambda: the engine's own edges over services in memory, patient where nothing is to be had."""

import asyncio
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from event_source_mapping import (
    Clock,
    DestinationRefused,
    Destinations,
    DiscardedBatch,
    FunctionAnswer,
    IteratorExpired,
    Page,
    Position,
    RecordsTrimmed,
    Shard,
    SourceError,
    StreamSource,
    Throttled,
)
from event_source_mapping.aws.calls import CallThreads
from event_source_mapping.formats import RecordFormat
from simulation.faults import Fault, Faults
from simulation.functions import Ended, SimulatedFunction

LONGEST_SILENCE = 3600.0
"""A read that finds nothing waits for what comes, but no longer than this: a window that is over has to be closed."""


class Bell:
    """Wakes those who wait for something to come, in the order in which they began to."""

    def __init__(self) -> None:
        self._waiting: dict[asyncio.Event, None] = {}

    def ring(self) -> None:
        waiting, self._waiting = self._waiting, {}
        for event in waiting:
            event.set()

    async def wait(self, seconds: float) -> None:
        """Return when it rings, or after so many seconds."""
        event = asyncio.Event()
        self._waiting[event] = None
        timer = asyncio.get_running_loop().call_later(seconds, event.set)
        try:
            await event.wait()
        finally:
            timer.cancel()
            self._waiting.pop(event, None)


class PatientSource:
    """A stream's source that answers at once when there is something, and waits when there is nothing."""

    def __init__(self, source: StreamSource, bell: Bell, faults: Faults) -> None:
        self._source = source
        self._bell = bell
        self._faults = faults
        self._silence = 1.0
        self._read: defaultdict[str, list[int]] = defaultdict(list)  # by shard, rising
        self._overrun: set[str] = set()  # shards that were trimmed beyond the mapping's place
        self.arn: str = source.arn
        self.format: RecordFormat = source.format
        self.page_limit: int = source.page_limit

    @property
    def retention(self) -> float:
        return float(self._source.retention)  # type: ignore[attr-defined] # both kinds of source tell it

    async def shards(self) -> list[Shard]:
        self._refuse_at_times()
        return await self._source.shards()

    def read_up_to(self, checkpoints: Mapping[str, int]) -> set[str]:
        """Return the records that the mapping has read up to a checkpoint of each shard, and need not read again."""
        return {
            str(number)
            for shard_id, numbers in self._read.items()
            for number in numbers[: bisect_right(numbers, checkpoints.get(shard_id, 0))]
        }

    async def iterator(self, shard_id: str, position: Position) -> str:
        self._refuse_at_times()
        # What lies beyond its place it will read again. Where the place itself is trimmed, it goes on at the horizon.
        if position.sequence_number is not None or shard_id not in self._overrun:
            numbers = self._read[shard_id]
            del numbers[bisect_right(numbers, int(position.sequence_number or 0)) :]
        try:
            return await self._source.iterator(shard_id, position)
        except RecordsTrimmed:
            self._overrun.add(shard_id)
            raise

    async def read(self, iterator: str, limit: int) -> Page:
        self._refuse_at_times()
        if self._faults.of_host(Fault.ITERATOR_EXPIRED):
            raise IteratorExpired("the iterator was issued too long ago")
        if self._faults.of_host(Fault.EMPTY_PAGE):
            return Page([], iterator, more=True)
        page = await self._source.read(iterator, limit)
        self._read[iterator.partition("|")[0]] += map(int, map(self.format.sequence_number, page.records))
        if page.records or page.more or page.next_iterator is None:
            self._silence = 1.0
            return replace(page, waited=page.more)
        await self._bell.wait(self._silence)
        self._silence = min(self._silence * 2, LONGEST_SILENCE)
        return page

    def _refuse_at_times(self) -> None:
        if self._faults.of_host(Fault.READ_REFUSED):
            raise SourceError("the service is not at its best")


class PatientQueue:
    """A queue's source whose long poll lasts for as long as nothing comes."""

    def __init__(self, source: Any, bell: Bell, soonest: Callable[[], float], clock: Clock, faults: Faults) -> None:
        """``soonest`` returns when a message will be visible that is not, infinity for none."""
        self._source = source
        self._bell = bell
        self._soonest = soonest
        self._faults = faults
        self._clock = clock
        self.arn: str = source.arn

    async def receive(self, limit: int, wait: float) -> list[dict[str, Any]]:
        messages: list[dict[str, Any]] = await self._source.receive(limit, 0)
        for message in messages:
            if int(message["attributes"]["ApproximateReceiveCount"]) > 1:
                self._faults.counts[Fault.RECEIVED_AGAIN] += 1
        if not messages:
            seconds = min(self._soonest() - self._clock.now(), LONGEST_SILENCE)
            await self._bell.wait(max(seconds, 0.001))
        del wait
        return messages

    async def delete(self, messages: list[dict[str, Any]]) -> None:
        await self._source.delete(messages)

    async def release(self, messages: list[dict[str, Any]]) -> None:
        await self._source.release(messages)


class InPlace(CallThreads):
    """Blocking calls made where they are asked for: in virtual time nothing blocks."""

    def __init__(self) -> None:
        """Start no threads."""

    async def call(self, operation: Callable[..., Any], **parameters: Any) -> Any:
        return operation(**parameters)

    read = wait = call


class WatchedDestinations:
    """Destinations that refuse at times; ``taken`` hears of every message that they take."""

    def __init__(self, destinations: Destinations, faults: Faults, taken: Callable[[Any], None]) -> None:
        self._destinations = destinations
        self._faults = faults
        self._taken = taken

    async def send(self, arn: str, batch: DiscardedBatch) -> None:
        if self._faults.of_host(Fault.DESTINATION_REFUSED):
            raise DestinationRefused(f"{arn} is not at its best")
        await self._destinations.send(arn, batch)
        self._taken(batch.message)
        if self._faults.of_host(Fault.HANDED_OVER_TWICE):
            await self._destinations.send(arn, batch)


class FunctionPort:
    """A function as a mapping invokes it."""

    def __init__(self, function: SimulatedFunction, faults: Faults, delivered: Callable[..., None]) -> None:
        self.arn = function.settings.arn
        self._function = function
        self._faults = faults
        self._delivered = delivered

    async def invoke(self, event: dict[str, Any]) -> FunctionAnswer:
        if self._faults.of_host(Fault.INVOCATION_THROTTLED):
            raise Throttled("Rate Exceeded.")
        ending: asyncio.Future[Ended] = asyncio.get_running_loop().create_future()

        def done(ended: Ended) -> None:
            self._delivered(self._function, event, ended)
            if not ending.done():
                ending.set_result(ended)

        self._function.invoke(event, done)
        ended = await ending
        return FunctionAnswer(ended.request_id, "$LATEST", ended.error, ended.answer)
