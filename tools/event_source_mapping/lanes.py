"""ParallelizationFactor: records of one item share a lane, lanes deliver at the same time.

The checkpoint of a shard moves only over a contiguous run of settled records, whatever lane they were in.
"""

import zlib
from collections import deque
from collections.abc import Callable

from event_source_mapping.formats import Record


def lane_of(item: str, lanes: int) -> int:
    """The lane of an item: stable over restarts. How AWS spreads keys is not documented."""
    return zlib.crc32(item.encode()) % lanes


class Lane:
    """Records waiting for delivery, in order; `unsettled` also counts those being delivered."""

    __slots__ = ("ordinals", "waiting")

    def __init__(self) -> None:
        self.waiting: deque[Record] = deque()
        self.ordinals: deque[int] = deque()  # of waiting records and of those in flight

    @property
    def unsettled(self) -> int:
        return len(self.ordinals)

    def take(self, count: int) -> None:
        """Remove from the queue the records that are now in flight."""
        for _ in range(count):
            self.waiting.popleft()


class LaneLedger:
    """Which records of one shard have been read, and how far they are settled without a gap."""

    def __init__(self, lanes: int) -> None:
        self.lanes = [Lane() for _ in range(lanes)]
        self._read: deque[str] = deque()  # sequence numbers beyond the checkpoint
        self._first = 0  # ordinal of the first of them
        self._next = 0

    @property
    def unsettled(self) -> int:
        return sum(lane.unsettled for lane in self.lanes)

    @property
    def beyond_checkpoint(self) -> int:
        """Records kept track of: unsettled ones, and settled ones with an unsettled one before them."""
        return len(self._read)

    def settled_ahead(self) -> set[str]:
        """Sequence numbers of what is settled beyond the checkpoint, behind a record that is not."""
        unsettled = {ordinal for lane in self.lanes for ordinal in lane.ordinals}
        return {name for ordinal, name in enumerate(self._read, self._first) if ordinal not in unsettled}

    def enter(
        self,
        records: list[Record],
        sequence_number: Callable[[Record], str],
        item: Callable[[Record], str],
        passes: Callable[[Record], bool] | None,
    ) -> None:
        """Queue a page of records; those that the filter drops are settled by being read."""
        self._read.extend(map(sequence_number, records))
        first, self._next = self._next, self._next + len(records)
        if passes is None and len(self.lanes) == 1:
            self.lanes[0].waiting.extend(records)
            self.lanes[0].ordinals.extend(range(first, self._next))
            return
        lanes, count = self.lanes, len(self.lanes)
        for ordinal, record in enumerate(records, first):
            if passes is None or passes(record):
                lane = lanes[lane_of(item(record), count) if count > 1 else 0]
                lane.waiting.append(record)
                lane.ordinals.append(ordinal)

    def settle(self, lane: Lane, count: int) -> None:
        """The first `count` unsettled records of the lane are done with: delivered, or discarded."""
        for _ in range(count):
            lane.ordinals.popleft()

    def advance(self) -> str | None:
        """The sequence number up to which all is now settled; None when that has not moved."""
        frontier = min((lane.ordinals[0] for lane in self.lanes if lane.ordinals), default=self._next)
        reached = None
        for _ in range(frontier - self._first):
            reached = self._read.popleft()
        self._first = frontier
        return reached
