"""Brings log lines to the console from a thread of its own: a slow terminal holds up no invocation."""

import threading
from collections.abc import Callable
from queue import SimpleQueue

type ConsoleSink = Callable[[str, str | None, str], None]  # function name, request id where known, line


class LogPump:
    """Call it like the sink it feeds; lines arrive there in order, the last ones before `close` returns."""

    def __init__(self, sink: ConsoleSink) -> None:
        self._sink = sink
        self._lines: SimpleQueue[tuple[str, str | None, str] | None] = SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="function-logs", daemon=True)
        self._thread.start()

    def __call__(self, function_name: str, request_id: str | None, line: str) -> None:
        self._lines.put((function_name, request_id, line))

    def close(self) -> None:
        self._lines.put(None)
        self._thread.join()

    def _run(self) -> None:
        while (entry := self._lines.get()) is not None:
            self._sink(*entry)
