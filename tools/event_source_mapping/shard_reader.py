"""Reading one shard from its position to its end, through errors, expired iterators and trimming."""

import asyncio
import math
from collections.abc import Callable
from dataclasses import replace

from event_source_mapping.clock import Clock
from event_source_mapping.errors import IteratorExpired, RecordsTrimmed, ShardNotFound, SourceError
from event_source_mapping.formats import Record
from event_source_mapping.pace import Pace
from event_source_mapping.ports import Page, StreamSource
from event_source_mapping.positions import TRIM_HORIZON, Position, PositionType, after

_END = Page([], None)
# Seconds between reads that find nothing although there is more: Kinesis allows five reads of a shard in a second.
_EMPTY_PAGE_PAUSE = 0.2


class PageReader:
    """Hands out pages; where to read on is the last record read, never an iterator.

    A LATEST iterator that must be taken again would skip what was written since the first: the shard is then
    read from its horizon, leaving out what arrived before the moment that was the latest.
    """

    def __init__(
        self,
        shard_id: str,
        position: Position,
        source: StreamSource,
        clock: Clock,
        pace: Pace,
        troubled: Callable[[str], None],
        *,
        resumed: bool,
    ) -> None:
        self._shard_id = shard_id
        self._position = position
        self._source = source
        self._clock = clock
        self._pace = pace
        self._troubled = troubled
        self._stalled: Callable[[], None] = lambda: None
        self._iterator: str | None = None
        self._reopened = resumed
        self._earliest: float | None = None
        self._failures = 0
        self._renewals = 0
        self._was_empty = False  # the last page, with more behind it

    async def read(self, limit: int, stalled: Callable[[], None]) -> Page:
        """The next page of `limit` records at most, retried until the source answers, `stalled` at each failure.

        `next_iterator` is None at the shard's end.
        """
        self._stalled = stalled
        if self._was_empty:
            await self._clock.sleep(min(self._pace.poll_interval, _EMPTY_PAGE_PAUSE))
        while True:
            try:
                if self._iterator is None:
                    self._iterator = await self._open()
                page = await self._source.read(self._iterator, min(limit, self._source.page_limit))
            except ShardNotFound as error:
                if await self._has_left():
                    return _END
                await self._wait_out(error)
            except RecordsTrimmed as error:
                self._position = TRIM_HORIZON
                await self._renew(error)
            except IteratorExpired as error:
                await self._renew(error)
            except SourceError as error:
                await self._wait_out(error)
            else:
                return self._turned(page)

    async def _open(self) -> str:
        position = self._position
        if position.type is PositionType.LATEST and self._reopened:
            # Arrival times of a table's records are whole seconds.
            self._earliest = math.floor(position.timestamp or 0.0)
            position = TRIM_HORIZON
        self._reopened = True
        return await self._source.iterator(self._shard_id, position)

    async def _has_left(self) -> bool:
        """Whether the stream's listing bears out that the shard is gone: an error alone must not end a shard."""
        try:
            listed = await self._source.shards()
        except SourceError:
            return False
        return all(shard.shard_id != self._shard_id for shard in listed)

    async def _renew(self, error: SourceError) -> None:
        """Take a new iterator, at once the first time, with pauses if that does not help."""
        self._iterator = None
        self._renewals += 1
        if self._renewals > 1:
            await self._wait_out(error)

    async def _wait_out(self, error: SourceError) -> None:
        self._failures += 1
        self._iterator = None
        self._stalled()
        self._troubled(f"PROBLEM: {error}")
        await self._clock.sleep(self._pace.backoff.after(self._failures))

    def _turned(self, page: Page) -> Page:
        self._failures = self._renewals = 0
        self._iterator = page.next_iterator
        records = page.records
        self._was_empty = not records and page.more
        if not records:
            return page
        self._position = after(self._source.format.sequence_number(records[-1]))
        if self._earliest is None:
            return page
        return replace(page, records=self._recent(records, self._earliest))

    def _recent(self, records: list[Record], earliest: float) -> list[Record]:
        arrival = self._source.format.arrival
        recent = [record for record in records if arrival(record) >= earliest]
        if recent:
            self._earliest = None
        return recent


class ReadAheadRoom:
    """Holds the reader back while enough has been read ahead."""

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self._freed = asyncio.Event()

    def free(self) -> None:
        self._freed.set()

    async def wait(self, used: Callable[[], int]) -> None:
        while used() >= self.limit:
            self._freed.clear()
            await self._freed.wait()
