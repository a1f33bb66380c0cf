"""Invoking handlers as Lambda would."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from builders import CHANGE_SHARD, CHANGE_STREAM_ARN, MOMENT

EVENTS = Path(__file__).parent.parent / "events"


@dataclass
class Context:
    """The context object of an invocation with so many seconds left."""

    seconds_left: float = 60.0
    function_name: str = "function"
    function_version: str = "$LATEST"
    memory_limit_in_mb: int = 512
    invoked_function_arn: str = "arn:aws:lambda:eu-west-1:123456789012:function:function"
    aws_request_id: str = "52fdfc07-2182-154f-163f-5f0f9a621d72"

    def get_remaining_time_in_millis(self) -> int:
        return int(self.seconds_left * 1000)


def sample(name: str) -> dict[str, Any]:
    """A file of events/."""
    event: dict[str, Any] = json.loads((EVENTS / name).read_text())
    return event


def stops_at(response: dict[str, Any]) -> str | None:
    """The record from which Lambda would deliver again."""
    failures = response["batchItemFailures"]
    return failures[0]["itemIdentifier"] if failures else None


WINDOW_SECONDS = 60


def in_window(
    *records: dict[str, Any], state: dict[str, Any], start: int = MOMENT, final: bool = False, early: bool = False
) -> dict[str, Any]:
    """The event of an invocation in the tumbling window that begins at ``start``."""
    begin, end = (
        datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ") for at in (start, start + WINDOW_SECONDS)
    )
    return {
        "Records": list(records),
        "window": {"start": begin, "end": end},
        "state": state,
        "shardId": CHANGE_SHARD,
        "eventSourceARN": CHANGE_STREAM_ARN,
        "isFinalInvokeForWindow": final,
        "isWindowTerminatedEarly": early,
    }


class CountedCalls:
    """Counts the AWS calls of a client by operation."""

    def __init__(self, client: Any) -> None:
        self.by_operation: dict[str, int] = {}
        client.meta.events.register("before-call", self._count)

    def _count(self, model: Any, **_: Any) -> None:
        self.by_operation[model.name] = self.by_operation.get(model.name, 0) + 1


Handler = Callable[..., Any]


class View:
    """A view, and deliveries to the handler that keeps it."""

    handler: Handler

    def __init__(self, client: Any, table: str) -> None:
        self.client = client
        self.table = table

    def deliver(self, *records: dict[str, Any], seconds_left: float = 60) -> dict[str, Any]:
        response: dict[str, Any] = type(self).handler({"Records": list(records)}, Context(seconds_left))
        return response
