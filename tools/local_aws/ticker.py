"""What is done again and again beside the requests, on a thread of its own."""

from __future__ import annotations

import threading
import traceback
from collections.abc import Callable


class Ticker:
    """Calls `tick` every so many seconds, from `start` to `close`."""

    def __init__(self, name: str, seconds: float, tick: Callable[[], None]) -> None:
        self._seconds = seconds
        self._tick = tick
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    def start(self) -> None:
        self._thread.start()

    def close(self) -> None:
        self._ended.set()
        if self._thread.is_alive():
            self._thread.join(timeout=2)

    def _run(self) -> None:
        while not self._ended.wait(self._seconds):
            try:
                self._tick()
            except Exception:  # the thread must live on; whoever runs the endpoint has to see this
                traceback.print_exc()
