"""What happened in the local runtime, in order: the one account that the console, the demo and the journeys read."""

import threading
import time
from collections import deque
from collections.abc import Callable
from itertools import islice
from typing import Any

type Entry = dict[str, Any]

CAPACITY = 200_000


class Journal:
    """A numbered, bounded list of entries that any thread may add to, read, or wait on.

    Numbers begin at 1 and have no gaps. The oldest entries go when `capacity` is reached: a reader that falls
    further behind than that sees its next entry carry a number larger than the one it expected.
    """

    def __init__(self, capacity: int = CAPACITY, now: Callable[[], float] = time.time) -> None:
        self._entries: deque[Entry] = deque(maxlen=capacity)
        self._last = 0
        self._now = now
        self._grown = threading.Condition()

    @property
    def last(self) -> int:
        """The number of the newest entry, 0 while there is none."""
        return self._last

    def add(self, kind: str, **fields: Any) -> Entry:
        """Append one entry, stamped with its number and the time, and wake every waiting reader."""
        with self._grown:
            self._last += 1
            entry = {"number": self._last, "at": self._now(), "kind": kind, **fields}
            self._entries.append(entry)
            self._grown.notify_all()
        return entry

    def after(self, number: int, limit: int = 1000) -> list[Entry]:
        """Up to `limit` entries with a number above `number`, oldest first."""
        with self._grown:
            oldest = self._last - len(self._entries) + 1
            skipped = max(0, number + 1 - oldest)
            return list(islice(self._entries, skipped, skipped + limit))

    def wait_for(self, wanted: Callable[[Entry], bool], after: int = 0, timeout: float = 10.0) -> Entry:
        """The first entry above `after` that satisfies `wanted`, waiting for it if need be.

        Raises TimeoutError when none came within `timeout` seconds.
        """
        ends = time.monotonic() + timeout
        while True:
            for entry in self.after(after, limit=CAPACITY):
                if wanted(entry):
                    return entry
                after = entry["number"]
            with self._grown:
                if not self._grown.wait_for(lambda seen=after: self._last > seen, ends - time.monotonic()):  # type: ignore[misc]
                    raise TimeoutError(f"no such entry within {timeout} s (last number {self._last})")
