"""One shard of one mapping: a reader that fills lanes, lanes that deliver batches, a checkpoint behind both."""

import asyncio
from collections.abc import Callable
from dataclasses import replace

from event_source_mapping.delivery import Delivery
from event_source_mapping.delivery_context import DeliveryContext, Halted
from event_source_mapping.filters import RecordFilter
from event_source_mapping.formats import Record
from event_source_mapping.lane_worker import LaneWorker, Reading
from event_source_mapping.lanes import Lane, LaneLedger
from event_source_mapping.ports import Page
from event_source_mapping.positions import SHARD_END, Position, after
from event_source_mapping.shard_reader import PageReader, ReadAheadRoom
from event_source_mapping.steps import StepKind
from event_source_mapping.tumbling import OpenWindow
from event_source_mapping.windowed import WindowedDelivery, WindowedLaneWorker

# Settled records that are kept track of behind one that is not, in batches of all lanes.
_LEDGER_BATCHES = 20
# What one read asks for at most: enough to fill every lane's next batch, not so much that it has left the processor's
# cache before it is delivered.
_LEAST_PAGE = 2_000
_PAGE_BATCHES = 2


class ShardPoller:
    """Reads a shard to its end and delivers all of it; `moved` learns of each new checkpoint.

    `done` are sequence numbers beyond the checkpoint that a former poller had settled: they are passed over. What this
    one has settled there is in it when `run` ends.
    """

    def __init__(
        self,
        context: DeliveryContext,
        reader: PageReader,
        record_filter: RecordFilter | None,
        moved: Callable[[str, Position], None],
        position: Position,
        done: set[str],
    ) -> None:
        self._context = context
        self._settings = context.settings
        self._reader = reader
        self._passes = record_filter.passes if record_filter else None
        self._done = done
        self._moved = moved
        self._reading = Reading()
        self._position = position
        self._resumed = OpenWindow.from_json(position.window) if position.window else None
        self._windows: list[WindowedDelivery] = []
        windows = self._settings.tumbling_window_in_seconds
        self._ledger = LaneLedger(1 if windows else self._settings.parallelization_factor)
        self._workers = [self._worker(lane) for lane in self._ledger.lanes]
        ahead = self._settings.batch_size * self._settings.parallelization_factor
        self._room = ReadAheadRoom(ahead)
        self._ledger_room = ReadAheadRoom(ahead * _LEDGER_BATCHES)
        self._page = max(_LEAST_PAGE, ahead * _PAGE_BATCHES)

    @property
    def idle_since(self) -> float | None:
        """When the last read began, if nothing was left to read, all is settled and no window open; None otherwise.

        A shard that has ended has work: its children must be looked for.
        """
        has_work = self._ledger.unsettled or self._window is not None or self._reading.ended
        return None if has_work else self._reading.empty_since

    @property
    def _window(self) -> OpenWindow | None:
        """The window that is open, of whatever length."""
        return next((delivery.window for delivery in self._windows if delivery.window is not None), None)

    async def run(self) -> None:
        """Return when the shard has ended and all of it is settled, or once stopped."""
        if self._resumed is not None and self._resumed.seconds != self._settings.tumbling_window_in_seconds:
            try:
                await self._end_early(self._resumed)
            except Halted:
                return
        try:
            await self._read_and_deliver()
        finally:
            self._done |= self._ledger.settled_ahead()
        if self._reading.ended and not self._ledger.unsettled and self._window is None:
            self._moved(self._context.shard_id, SHARD_END)

    async def _read_and_deliver(self) -> None:
        async with asyncio.TaskGroup() as group:
            reading = group.create_task(self._read())
            await asyncio.gather(*(group.create_task(worker.run()) for worker in self._workers))
            reading.cancel()

    def stir(self) -> None:
        """Wake every lane, to see that the mapping stops."""
        for worker in self._workers:
            worker.stir()

    def _worker(self, lane: Lane) -> LaneWorker:
        def settle(count: int) -> str | None:
            return self._settle(lane, count)

        seconds = self._settings.tumbling_window_in_seconds
        if not seconds:
            return LaneWorker(self._context, self._reading, lane, Delivery(self._context, settle))
        is_same = self._resumed is not None and self._resumed.seconds == seconds
        window = self._resumed if is_same else None
        delivery = WindowedDelivery(self._context, settle, window, self._move)
        self._windows.append(delivery)
        return WindowedLaneWorker(self._context, self._reading, lane, delivery)

    async def _end_early(self, window: OpenWindow) -> None:
        """End a window that was open when its length was changed, with the state that it holds."""
        delivery = WindowedDelivery(self._context, lambda _: None, window, self._move)
        self._windows.insert(0, delivery)
        await delivery.close_window(early=True)

    def _settle(self, lane: Lane, count: int) -> str | None:
        self._ledger.settle(lane, count)
        self._room.free()
        return self._advance()

    def _advance(self) -> str | None:
        checkpoint = self._ledger.advance()
        if checkpoint is not None:
            self._ledger_room.free()
            self._position = after(checkpoint)
            self._move()
        return checkpoint

    def _move(self) -> None:
        """Tell the shard's place, with the window that is open there."""
        window = self._window
        if window is not None or self._position.window is not None:
            self._position = replace(self._position, window=window.to_json() if window else None)
        self._moved(self._context.shard_id, self._position)

    async def _read(self) -> None:
        while not self._reading.ended:
            await self._room.wait(lambda: self._ledger.unsettled)
            await self._ledger_room.wait(lambda: self._ledger.beyond_checkpoint)
            began = self._context.clock.now()
            page = await self._reader.read(self._page, self._stalled)
            self._reading.empty_since = None if page.records or page.more else began
            if page.records:
                self._reading.last_arrival = self._context.record_format.arrival(page.records[-1])
            self._enter(page.records)
            self._reading.ended = page.next_iterator is None
            self._reading.more_coming = self._expects_more(page)
            self.stir()
            if not (page.more or page.waited or self._reading.ended):
                await self._context.clock.sleep(self._context.pace.poll_interval)

    def _stalled(self) -> None:
        """The source fails: what would come at once does not, so a short batch need not wait for it."""
        self._reading.more_coming = False
        self.stir()

    def _expects_more(self, page: Page) -> bool:
        """Whether the next page brings records at once: after an empty one they may be long in coming."""
        return bool(page.records) and page.more and page.next_iterator is not None and self._has_room()

    def _has_room(self) -> bool:
        return self._ledger.unsettled < self._room.limit and self._ledger.beyond_checkpoint < self._ledger_room.limit

    def _enter(self, records: list[Record]) -> None:
        if not records:
            return
        record_format = self._context.record_format
        now = self._context.clock.now()
        for worker in self._workers:
            worker.expect(now)
        passes = self._passes_undone if self._done else self._passes
        self._ledger.enter(records, record_format.sequence_number, record_format.item, passes)
        checkpoint = self._advance()
        if checkpoint is not None:
            self._context.note(StepKind.CHECKPOINTED, [], {"checkpoint": checkpoint})

    def _passes_undone(self, record: Record) -> bool:
        """Whether the record is for the function, and has not been delivered by a former poller."""
        name = self._context.record_format.sequence_number(record)
        if name in self._done:
            self._done.remove(name)
            return False
        return self._passes is None or self._passes(record)
