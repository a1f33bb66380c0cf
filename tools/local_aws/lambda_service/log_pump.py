"""Brings log lines to the console from a thread of its own: a slow terminal holds up no invocation."""

from collections import deque
from collections.abc import Callable

from local_aws.lambda_service.strides import Strides

type ConsoleSink = Callable[[str, str | None, str], None]  # function name, request id where known, line
type LogSink = Callable[[str, str, str], None]  # log group, log stream, line

type _Line = tuple[str, str | None, str]
STRIDE_SECONDS = 0.02


class LogPump:
    """Call it like the sink it feeds; lines arrive there in order, the last ones before `close` returns."""

    def __init__(self, sink: ConsoleSink) -> None:
        self._sink = sink
        self._strides = Strides[_Line]("function-logs", STRIDE_SECONDS, self._show)

    def __call__(self, function_name: str, request_id: str | None, line: str) -> None:
        self._strides.add((function_name, request_id, line))

    def close(self) -> None:
        self._strides.close()

    def _show(self, lines: deque[_Line]) -> None:
        while lines:
            self._sink(*lines.popleft())
