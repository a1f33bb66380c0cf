"""A worker's output, line by line, with Lambda's own lines around each invocation.

https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs-advanced.html (text and JSON system logs).
"""

import json
import math
from collections import deque
from collections.abc import Callable, Mapping

from local_aws.lambda_service.invocation import WorkerAnswer, WorkerRequest, timestamp

TAIL_BYTES = 4096

type LineSink = Callable[[str | None, str], None]  # request id where known, line


class WorkerLog:
    """Cuts the output of one worker into lines, tells each to `sink`, and keeps the tail of the present invocation."""

    def __init__(self, sink: LineSink, logging: Mapping[str, str], memory_mb: int, version: str) -> None:
        self._sink = sink
        self._json = logging["LogFormat"] == "JSON"
        self._silent = self._json and logging.get("SystemLogLevel", "INFO") == "WARN"
        self._memory_mb = memory_mb
        self._version = version
        self._request_id: str | None = None
        self._unfinished = b""
        self._tail: deque[str] = deque()
        self._tail_bytes = 0

    def started(self, request: WorkerRequest) -> None:
        """The lines that follow belong to `request`."""
        self._request_id = request.request_id
        self._tail.clear()
        self._tail_bytes = 0
        if self._json:
            self._system("platform.start", {"requestId": request.request_id, "version": self._version})
        else:
            self._line(f"START RequestId: {request.request_id} Version: {self._version}")

    def wrote(self, output: bytes) -> None:
        """Take what the worker wrote; a line that is not yet ended waits for its end."""
        *lines, self._unfinished = (self._unfinished + output).split(b"\n")
        for line in lines:
            self._line(_readable(line))

    def finished(
        self, request: WorkerRequest, answer: WorkerAnswer, duration_ms: float, memory_mb: int, init_ms: float | None
    ) -> bytes:
        """Write Lambda's closing lines and return the last 4 KB of the invocation's log."""
        self.flush()
        if self._json:
            self._report_json(request, answer, duration_ms, memory_mb, init_ms)
        else:
            self._report_text(request, answer, duration_ms, memory_mb, init_ms)
        self._request_id = None
        return "".join(line + "\n" for line in self._tail).encode()[-TAIL_BYTES:]

    def flush(self) -> None:
        """Take an unfinished line for a whole one: nothing more will come."""
        if self._unfinished:
            self._line(_readable(self._unfinished))
            self._unfinished = b""

    def _report_text(
        self, request: WorkerRequest, answer: WorkerAnswer, duration_ms: float, memory_mb: int, init_ms: float | None
    ) -> None:
        request_id = request.request_id
        if answer.error_type == "Sandbox.Timedout":
            self._line(f"{timestamp()} {request_id} Task timed out after {duration_ms / 1000:.2f} seconds")
        elif answer.error_type == "Runtime.ExitError":
            self._line(f"{json.loads(answer.payload)['errorMessage']}\nRuntime.ExitError")
        self._line(f"END RequestId: {request_id}")
        parts = [
            f"REPORT RequestId: {request_id}",
            f"Duration: {duration_ms:.2f} ms",
            f"Billed Duration: {math.ceil(duration_ms)} ms",
            f"Memory Size: {self._memory_mb} MB",
            f"Max Memory Used: {memory_mb} MB",
        ]
        if init_ms is not None:
            parts.append(f"Init Duration: {init_ms:.2f} ms")
        if _status(answer) != "success":
            parts.append(f"Status: {_status(answer)}")
        self._line("\t".join(parts) + "\t")

    def _report_json(
        self, request: WorkerRequest, answer: WorkerAnswer, duration_ms: float, memory_mb: int, init_ms: float | None
    ) -> None:
        metrics: dict[str, float] = {
            "durationMs": round(duration_ms, 3),
            "billedDurationMs": math.ceil(duration_ms),
            "memorySizeMB": self._memory_mb,
            "maxMemoryUsedMB": memory_mb,
        }
        if init_ms is not None:
            metrics["initDurationMs"] = round(init_ms, 3)
        record: dict[str, object] = {"requestId": request.request_id, "metrics": metrics, "status": _status(answer)}
        if answer.error_type is not None and _status(answer) != "success":
            record["errorType"] = answer.error_type
        self._system("platform.report", record)

    def _system(self, kind: str, record: Mapping[str, object]) -> None:
        if not self._silent:
            self._line(json.dumps({"time": timestamp(), "type": kind, "record": record}))

    def _line(self, line: str) -> None:
        self._tail.append(line)
        self._tail_bytes += len(line) + 1
        while len(self._tail) > 1 and self._tail_bytes - len(self._tail[0]) - 1 >= TAIL_BYTES:
            self._tail_bytes -= len(self._tail.popleft()) + 1
        self._sink(self._request_id, line)


def _status(answer: WorkerAnswer) -> str:
    if answer.error_type == "Sandbox.Timedout":
        return "timeout"
    # An exception of the handler is, for the platform, an invocation that went well.
    own = answer.error_type in ("Runtime.ExitError", "Function.ResponseSizeTooLarge")
    return "error" if own else "success"


def _readable(line: bytes) -> str:
    # The runtime interface client writes a traceback as one line: carriage returns, indented with U+00A0.
    return line.decode(errors="replace").rstrip("\r").replace("\r", "\n").replace("\u00a0", " ")
