"""What the log of a consumer says of its failures."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from streamctl.reading.metrics import MINUTE
from streamctl.stack import Stack

STOPPED = "batch stopped"
"""The message of a consumer that answers with a failed record (``changestream.aws.telemetry``)."""

CRASHED, TIMED_OUT = '"errorType"', '"timeout"'
"""What the lines of an unhandled exception, and of Lambda itself after a time-out, contain (JSON log format)."""

MOST_PAGES, PAGE_EVENTS = 5, 1000
LONGEST_REASON = 300


@dataclass(frozen=True, slots=True)
class Failed:
    """One failure, by its time in epoch seconds."""

    at: float
    kind: str
    reason: str


def failures_since(stack: Stack, function_name: str, recent: Mapping[str, Any]) -> list[Failed]:
    """Return the failures that a function logged from a minute before the last one that was measured until now.

    Reads five pages of matching lines at most.
    """
    configuration = stack.client("lambda").get_function_configuration(FunctionName=function_name)
    group = configuration.get("LoggingConfig", {}).get("LogGroup", f"/aws/lambda/{function_name}")
    begins = int((datetime.fromisoformat(recent["last"]).timestamp() - 2 * MINUTE) * 1000)
    patterns = [f'"{STOPPED}"', *((CRASHED, TIMED_OUT) if recent["failedInvocations"] else ())]
    lines = (line for pattern in patterns for line in _matching(stack, group, pattern, begins))
    return [failed for at, text in lines if (failed := failure_of(at, text))]


def failure_of(at: float, line: str) -> Failed | None:
    """Return the failure that a log line tells of, ``None`` for any other line."""
    try:
        document = json.loads(line)
    except ValueError:
        return None
    if not isinstance(document, dict):
        return None
    if document.get("message") == STOPPED:
        return _failed(at, document.get("kind", "failed"), document.get("reason", ""))
    record = document.get("record")
    if isinstance(record, dict) and record.get("status") == "timeout":
        return _failed(at, "timeout", "the invocation timed out")
    if "errorType" in document:
        told = document.get("errorMessage") or document.get("message") or ""
        return _failed(at, "crash", f"{document['errorType']}: {told}")
    return None


def _failed(at: float, kind: object, reason: object) -> Failed:
    text = " ".join(str(reason).split())
    return Failed(at, str(kind), text if len(text) <= LONGEST_REASON else f"{text[: LONGEST_REASON - 1]}…")


def _matching(stack: Stack, group: str, pattern: str, begins: int) -> Iterator[tuple[float, str]]:
    """Return time and text of the lines of a log group that contain a phrase."""
    logs = stack.client("logs")
    asked = {"logGroupName": group, "filterPattern": pattern, "startTime": begins, "limit": PAGE_EVENTS}
    for _ in range(MOST_PAGES):
        try:
            page = logs.filter_log_events(**asked)
        except logs.exceptions.ResourceNotFoundException:
            return  # a function that never logged has no log group
        yield from ((each["timestamp"] / 1000, each["message"]) for each in page["events"])
        if not (token := page.get("nextToken")):
            return
        asked["nextToken"] = token
