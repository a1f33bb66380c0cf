"""Brings log lines to the console from a thread of its own: a slow terminal holds up no invocation."""

import threading
from collections import deque
from collections.abc import Callable

type ConsoleSink = Callable[[str, str | None, str], None]  # function name, request id where known, line
type LogSink = Callable[[str, str, str], None]  # log group, log stream, line

# Lines are shown in strides: to wake a thread for each would take longer than many an invocation.
STRIDE_SECONDS = 0.02


class LogPump:
    """Call it like the sink it feeds; lines arrive there in order, the last ones before `close` returns."""

    def __init__(self, sink: ConsoleSink) -> None:
        self._sink = sink
        self._lines: deque[tuple[str, str | None, str]] = deque()
        self._written = threading.Event()
        self._closed = threading.Event()
        self._thread = threading.Thread(target=self._run, name="function-logs", daemon=True)
        self._thread.start()

    def __call__(self, function_name: str, request_id: str | None, line: str) -> None:
        self._lines.append((function_name, request_id, line))
        if not self._written.is_set():
            self._written.set()

    def close(self) -> None:
        self._closed.set()
        self._written.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._closed.is_set():
            self._written.wait()
            self._closed.wait(STRIDE_SECONDS)
            self._written.clear()
            while self._lines:
                self._sink(*self._lines.popleft())
