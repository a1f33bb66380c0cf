"""Work that a thread of its own does in strides: to wake it for each piece would take longer than many a piece does."""

import threading
from collections import deque
from collections.abc import Callable


class Strides[Piece]:
    """`add` a piece from any thread; all that wait are taken every `seconds` in order, the last before `close` returns.

    `take` empties the deque it is given.
    """

    def __init__(self, name: str, seconds: float, take: Callable[[deque[Piece]], None]) -> None:
        self._seconds = seconds
        self._take = take
        self._waiting: deque[Piece] = deque()
        self._added = threading.Event()
        self._closed = threading.Event()
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)
        self._thread.start()

    def add(self, piece: Piece) -> None:
        self._waiting.append(piece)
        if not self._added.is_set():
            self._added.set()

    def close(self) -> None:
        self._closed.set()
        self._added.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._closed.is_set():
            self._added.wait()
            self._closed.wait(self._seconds)
            self._added.clear()
            self._take(self._waiting)
