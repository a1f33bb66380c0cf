"""A handler called in place as the function of a mapping."""

import json
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from event_source_mapping.clock import Clock
from event_source_mapping.errors import Throttled
from event_source_mapping.ports import FunctionAnswer

type Handler = Callable[[dict[str, Any]], Any]


@dataclass(frozen=True, slots=True)
class RehearsalContext:
    """What Lambda hands to a handler beside the event; no virtual time passes while a handler runs."""

    invoked_function_arn: str
    timeout: int = 3
    memory_limit_in_mb: int = 128
    function_version: str = "$LATEST"
    aws_request_id: str = field(default_factory=lambda: str(uuid.uuid4()))

    @property
    def function_name(self) -> str:
        return self.invoked_function_arn.split(":")[6]

    @property
    def log_group_name(self) -> str:
        return f"/aws/lambda/{self.function_name}"

    @property
    def log_stream_name(self) -> str:
        return f"2026/01/01/[{self.function_version}]rehearsal"

    def get_remaining_time_in_millis(self) -> int:
        return self.timeout * 1_000


class HandlerFunction:
    """A handler as a function: what it raises is an unhandled error, but Throttled, which is no invocation.

    Events pass through JSON, so that a handler may change what it is given. `duration` is how long, on the clock,
    each invocation takes.
    """

    def __init__(
        self, handler: Handler, clock: Clock, arn: str, duration: float = 0.0, version: str = "$LATEST"
    ) -> None:
        self.arn = arn
        self.duration = duration
        self.events: list[dict[str, Any]] = []
        self.moments: list[float] = []
        self.running = 0
        self.most_running = 0
        self._handler = handler
        self._clock = clock
        self._version = version

    async def invoke(self, event: dict[str, Any]) -> FunctionAnswer:
        text = json.dumps(event)
        self.events.append(json.loads(text))
        self.moments.append(self._clock.now())
        request_id = f"request-{len(self.events)}"
        self.running += 1
        self.most_running = max(self.most_running, self.running)
        try:
            if self.duration:
                await self._clock.sleep(self.duration)
            return self._answer(json.loads(text), request_id)
        finally:
            self.running -= 1

    def _answer(self, event: dict[str, Any], request_id: str) -> FunctionAnswer:
        try:
            return FunctionAnswer(request_id, self._version, None, self._handler(event))
        except Throttled:
            raise
        except Exception as error:
            answer = {"errorType": type(error).__name__, "errorMessage": str(error)}
            return FunctionAnswer(request_id, self._version, "Unhandled", answer)
