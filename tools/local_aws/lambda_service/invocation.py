"""The values that pass between a caller, the pool and a worker: what is asked of a function, and what came of it."""

import json
import time
import uuid
from dataclasses import dataclass, field
from datetime import UTC, datetime

# Quotas of https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
MAXIMUM_REQUEST_BYTES = 6 * 1024 * 1024
MAXIMUM_EVENT_BYTES = 1024 * 1024
MAXIMUM_RESPONSE_BYTES = MAXIMUM_REQUEST_BYTES + 100


def _trace_id() -> str:
    # Not sampled: nothing here listens for X-Ray segments.
    return f"Root=1-{int(time.time()):08x}-{uuid.uuid4().hex[:24]};Parent={uuid.uuid4().hex[:16]};Sampled=0"


@dataclass(frozen=True, slots=True)
class WorkerRequest:
    """One invocation as a worker sees it; `arn` is the one that was invoked, qualifier included."""

    payload: bytes
    arn: str
    client_context: str | None = None
    request_id: str = field(default_factory=lambda: str(uuid.uuid4()))
    trace_id: str = field(default_factory=_trace_id)


@dataclass(frozen=True, slots=True)
class WorkerAnswer:
    """What a worker, or its death, gave for one request. `function_error` is Lambda's `X-Amz-Function-Error`."""

    payload: bytes
    function_error: str | None = None
    error_type: str | None = None


@dataclass(frozen=True, slots=True)
class WorkerOutcome:
    """An answer together with what Lambda tells about the run; `log_tail` is the last 4 KB of its log."""

    request_id: str
    executed_version: str
    answer: WorkerAnswer
    duration_ms: float
    log_tail: bytes


def failure(error_type: str, message: str, request_id: str) -> WorkerAnswer:
    """The answer Lambda itself gives where the runtime gave none."""
    payload = {"errorType": error_type, "errorMessage": f"RequestId: {request_id} Error: {message}"}
    return WorkerAnswer(json.dumps(payload, separators=(",", ":")).encode(), "Unhandled", error_type)


def init_failed(reported: WorkerAnswer, request_id: str) -> WorkerAnswer:
    """The answer to the invocation that a runtime was started for, when all that it reported is an error."""
    error_type = reported.error_type or "Unhandled"
    try:
        named = json.loads(reported.payload) | {"requestId": request_id}
    except (ValueError, TypeError):  # a function's own runtime may report what it likes
        return failure(error_type, reported.payload.decode(errors="replace"), request_id)
    return WorkerAnswer(json.dumps(named).encode(), "Unhandled", error_type)


def timed_out(timeout: float, request_id: str) -> WorkerAnswer:
    """Recorded from AWS in November 2025; before, the message began with a timestamp and had no type."""
    return failure("Sandbox.Timedout", f"Task timed out after {timeout:.2f} seconds", request_id)


def response_too_large(size: int, request_id: str) -> WorkerAnswer:
    message = (
        f"Response payload size ({size} bytes) exceeded maximum allowed payload size ({MAXIMUM_RESPONSE_BYTES} bytes)."
    )
    payload = {"errorMessage": message, "errorType": "Function.ResponseSizeTooLarge", "requestId": request_id}
    return WorkerAnswer(json.dumps(payload).encode(), "Unhandled", "Function.ResponseSizeTooLarge")


def timestamp() -> str:
    """The present instant as Lambda writes it into logs: UTC, milliseconds, Z."""
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
