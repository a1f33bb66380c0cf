"""One lane at work: waits until a batch is due, delivers it, and so on to the shard's end."""

import asyncio

from event_source_mapping import batching
from event_source_mapping.clock import wait_until
from event_source_mapping.delivery import Delivery
from event_source_mapping.delivery_context import DeliveryContext, Halted
from event_source_mapping.formats import Record
from event_source_mapping.lanes import Lane


class Reading:
    """What lanes must know of their shard's reader."""

    __slots__ = ("empty_since", "ended", "last_arrival", "more_coming")

    def __init__(self) -> None:
        self.empty_since: float | None = None  # when the last read began, if it found nothing and nothing more behind
        self.last_arrival: float | None = None  # of the last record read, whether or not the filter let it pass
        self.ended = False
        self.more_coming = False  # the next page will be there at once: a short batch waits for it


class LaneWorker:
    """Delivers the lane's batches one after the other; `stir` it when records or the shard's end have come."""

    def __init__(self, context: DeliveryContext, reading: Reading, lane: Lane, delivery: Delivery) -> None:
        self._context = context
        self._settings = context.settings
        self._reading = reading
        self._lane = lane
        self._delivery = delivery
        self._stirred = asyncio.Event()
        self._opened = context.clock.now()  # when the batching window began

    def stir(self) -> None:
        self._stirred.set()

    def expect(self, now: float) -> None:
        """Records are about to be queued: with none waiting, the batching window begins with them."""
        if not self._lane.waiting:
            self._opened = now

    async def run(self) -> None:
        """Return when the shard has ended and the lane is settled, or once the mapping stops."""
        try:
            while batch := await self._next_batch():
                self._lane.take(len(batch))
                await self._delivery.deliver(batch)
                self._opened = self._context.clock.now()
        except Halted:
            return

    async def _next_batch(self) -> list[Record]:
        """The records to deliver next, once they fill a batch or the window has run out; none at the end."""
        while not self._context.halt.is_set():
            self._stirred.clear()
            await self._prepare()
            if not self._lane.waiting:
                if self._reading.ended:
                    return []
                await self._stirred.wait()
                continue
            batch, full = self._candidates()
            if full or self._reading.ended:
                return batch
            if self._reading.more_coming:
                await self._stirred.wait()
                continue
            closes = self._opened + self._settings.maximum_batching_window_in_seconds
            if closes <= self._context.clock.now():
                return batch
            await wait_until(self._context.clock, self._stirred, closes)
        return []

    async def _prepare(self) -> None:
        """What must be done before the next batch: nothing, without windows."""

    def _candidates(self) -> tuple[list[Record], bool]:
        """The waiting records that may go together, and whether none that is yet to come could join them."""
        most_bytes = self._context.record_format.most_bytes
        return batching.fill(self._lane.waiting, self._settings.batch_size, most_bytes, self._payload_limit())

    def _payload_limit(self) -> int:
        """What an event may hold besides what else it carries: nothing else, without windows."""
        return batching.PAYLOAD_LIMIT
