"""The records of one shard, in order: appended at the end, read from any sequence number, trimmed by age.

Appending is O(1), a read O(log n) plus what it returns. Not thread-safe: the service's lock guards it.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from dataclasses import dataclass, field
from typing import Any

from .state.keeper import KeptEntries


@dataclass(frozen=True, slots=True)
class Entry:
    sequence_number: int
    at: float
    """Arrival, epoch seconds; never before that of the entry in front."""
    size: int
    record: dict[str, Any]


@dataclass(slots=True)
class ShardLog:
    """`horizon` is the highest sequence number that was trimmed; what lies at or below it is gone."""

    starting_sequence_number: int
    closing_sequence_number: int | None = None
    horizon: int = field(init=False)
    entries: KeptEntries = field(default_factory=KeptEntries)
    _numbers: list[int] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.horizon = self.starting_sequence_number - 1

    def __getstate__(self) -> tuple[int, int | None, int, KeptEntries]:
        return self.starting_sequence_number, self.closing_sequence_number, self.horizon, self.entries

    def __setstate__(self, state: tuple[int, int | None, int, KeptEntries]) -> None:
        """Entries come from wherever they are kept, where those trimmed may still be among them."""
        self.starting_sequence_number, self.closing_sequence_number, self.horizon, self.entries = state
        self.entries[:] = [entry for entry in self.entries if entry.sequence_number > self.horizon]
        self._numbers = [entry.sequence_number for entry in self.entries]

    @property
    def is_open(self) -> bool:
        return self.closing_sequence_number is None

    @property
    def last(self) -> int:
        """The newest sequence number, or what stands in front of the first record to come."""
        return self._numbers[-1] if self._numbers else self.horizon

    def __len__(self) -> int:
        return len(self._numbers)

    def append(self, entry: Entry) -> None:
        if entry.sequence_number <= self.last or not self.is_open:
            raise ValueError(f"{entry.sequence_number} cannot follow {self.last} (open: {self.is_open})")
        self.entries.append(entry)
        self._numbers.append(entry.sequence_number)

    def close(self) -> None:
        self.closing_sequence_number = max(self.last, self.starting_sequence_number)

    def read(self, after: int, limit: int, most_bytes: int) -> list[Entry]:
        """The entries that follow `after`: at most `limit`, and no more bytes than asked unless one alone is."""
        page: list[Entry] = []
        total = 0
        for entry in self._from(bisect_right(self._numbers, after), limit):
            total += entry.size
            if page and total > most_bytes:
                break
            page.append(entry)
        return page

    def next_after(self, after: int) -> Entry | None:
        return next(iter(self._from(bisect_right(self._numbers, after), 1)), None)

    def before(self, timestamp: float) -> int:
        """The sequence number behind which reading starts so as to get all that arrived at or after a time."""
        index = bisect_left(self.entries, timestamp, key=lambda entry: entry.at)
        return self._numbers[index - 1] if index else self.horizon

    def trim(self, before: float) -> None:
        """Forget what arrived before an instant."""
        if not self.entries or self.entries[0].at >= before:
            return
        index = bisect_left(self.entries, before, key=lambda entry: entry.at)
        self.horizon = self._numbers[index - 1]
        del self.entries[:index], self._numbers[:index]

    def _from(self, index: int, count: int) -> list[Entry]:
        return self.entries[index : index + count]
