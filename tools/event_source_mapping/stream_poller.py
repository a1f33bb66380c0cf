"""All shards of one stream: found, read in the order of their lineage, each on its own."""

import asyncio
from collections.abc import Callable

from event_source_mapping import lineage
from event_source_mapping.clock import wait_until
from event_source_mapping.delivery_context import DeliveryContext
from event_source_mapping.errors import SourceError, cause_of
from event_source_mapping.filters import RecordFilter
from event_source_mapping.ports import Shard, StreamSource
from event_source_mapping.positions import Position, PositionType
from event_source_mapping.shard_poller import ShardPoller
from event_source_mapping.shard_reader import PageReader
from event_source_mapping.steps import StepKind

# Seconds within which a mapping that has just been made is expected to look at its stream.
_PROMPT = 1.0


class StreamPoller:
    """Keeps one ShardPoller on each readable shard; `positions` is where a later poller resumes."""

    def __init__(
        self,
        source: StreamSource,
        start: Position,
        positions: dict[str, Position],
        record_filter: RecordFilter | None,
        context_of: Callable[[str], DeliveryContext],
        halt: asyncio.Event,
        *,
        resumed: bool,
        done: dict[str, set[str]],
    ) -> None:
        self.positions = positions
        self._source = source
        self._done = done  # of each shard, what former pollers have settled beyond its position
        self._start = start
        self._is_resumed = resumed  # another poller, or another process, may have looked before
        self._filter = record_filter
        self._context_of = context_of
        self._resumed = set(positions)  # where LATEST is a moment in the past
        self._pollers: dict[str, ShardPoller] = {}
        self._listed_at: float | None = None  # None while a listing is due
        self._look = asyncio.Event()
        self._halt = halt

    @property
    def idle_since(self) -> float | None:
        """The moment up to which every shard was seen to be empty; None while there is work."""
        if self._listed_at is None:
            return None
        moments = [poller.idle_since for poller in self._pollers.values()]
        earliest = self._listed_at if not moments else float("inf")
        for moment in moments:
            if moment is None:
                return None
            earliest = min(earliest, moment)
        return earliest

    async def run(self) -> None:
        """Poll until cancelled, or stopped and all in flight is done with."""
        failures = 0
        async with asyncio.TaskGroup() as group:
            while not self._halt.is_set():
                self._look.clear()
                failures = 0 if await self._list_shards(group) else failures + 1
                context = self._context_of("")
                pause = context.pace.backoff.after(failures) if failures else context.pace.discovery_interval
                await wait_until(context.clock, self._look, context.clock.now() + pause)

    async def _list_shards(self, group: asyncio.TaskGroup) -> bool:
        """List the stream's shards and start on those that can be read; False when the source fails."""
        context = self._context_of("")
        began = context.clock.now()
        try:
            shards = await self._source.shards()
        except SourceError as error:
            context.concluded(f"PROBLEM: {error}")
            return False
        except Exception as error:  # outside the contract of sources, which must not end what its shards deliver
            context.faulted(error)
            return False
        self._open(shards, group)
        if not self._look.is_set():
            self._listed_at = began
        return True

    def stop(self) -> None:
        """Begin nothing new; `run` returns once all in flight is done with."""
        self._halt.set()
        self._look.set()
        for poller in self._pollers.values():
            poller.stir()

    def _open(self, shards: list[Shard], group: asyncio.TaskGroup) -> None:
        late = self._is_late()
        new = lineage.starting_positions(shards, self.positions, self._start, late=late)
        self.positions.update(new)
        if late:
            self._resumed.update(new)
        shards = [*shards, *self._left_with_window(shards)]
        self._forget(shards)
        for shard_id in lineage.readable(shards, self.positions):
            if shard_id not in self._pollers and not self._halt.is_set():
                self._pollers[shard_id] = self._poller(shard_id)
                group.create_task(self._poll(shard_id))

    def _left_with_window(self, shards: list[Shard]) -> list[Shard]:
        """Shards that have left the stream, of which nothing can be read, but whose open window must still end."""
        listed = {shard.shard_id for shard in shards}
        return [
            Shard(shard_id, closed=True)
            for shard_id, position in self.positions.items()
            if position.window is not None and shard_id not in listed
        ]

    def _is_late(self) -> bool:
        """Whether what LATEST means is past, so that a LATEST iterator taken now would leave some out."""
        began = self._start.timestamp
        if self._start.type is not PositionType.LATEST or began is None:
            return False
        return self._is_resumed or self._context_of("").clock.now() - began >= _PROMPT

    def _forget(self, shards: list[Shard]) -> None:
        """Drop the places of shards that have left the stream, unless they are still being delivered."""
        listed = {shard.shard_id for shard in shards}
        for shard_id in [known for known in self.positions if known not in listed]:
            if shard_id not in self._pollers and listed:
                del self.positions[shard_id]
                self._done.pop(shard_id, None)

    def _poller(self, shard_id: str) -> ShardPoller:
        context = self._context_of(shard_id)
        position = self.positions[shard_id]
        reader = PageReader(
            shard_id,
            position,
            self._source,
            context.clock,
            context.pace,
            context.concluded,
            resumed=shard_id in self._resumed,
        )
        done = self._done.setdefault(shard_id, set())
        return ShardPoller(context, reader, self._filter, self._move, position, done)

    def _move(self, shard_id: str, position: Position) -> None:
        self.positions[shard_id] = position

    async def _poll(self, shard_id: str) -> None:
        context = self._context_of(shard_id)
        await self._deliver(shard_id, context)
        if self.positions[shard_id].type is PositionType.SHARD_END:
            context.note(StepKind.SHARD_CLOSED, [], {})
            self._listed_at = None
            self._look.set()
        del self._pollers[shard_id]

    async def _deliver(self, shard_id: str, context: DeliveryContext) -> None:
        """Deliver the shard to its end; after a fault, which is this shard's alone, again from its checkpoint."""
        clock, backoff, faults = context.clock, context.pace.backoff, 0
        while not self._halt.is_set():
            position, began = self.positions[shard_id], clock.now()
            context.note(StepKind.SHARD_OPENED, [], {"position": position.to_json()})
            try:
                await self._pollers[shard_id].run()
            except Exception as raised:
                error = cause_of(raised)
            else:
                return
            has_worked = self.positions[shard_id] != position or clock.now() - began > backoff.cap
            faults = 1 if has_worked else faults + 1
            self._resumed.add(shard_id)
            self._pollers[shard_id] = self._poller(shard_id)
            context.faulted(error)
            pause = backoff.after(faults)
            context.note(StepKind.SHARD_FAILED, [], {"reason": repr(error), "seconds": pause})
            await wait_until(clock, self._halt, clock.now() + pause)
