"""What a mapping of this endpoint invokes: a function on its workers, without a detour over HTTP."""

import asyncio
import json
import time
from typing import Any

from event_source_mapping.errors import Throttled
from event_source_mapping.ports import FunctionAnswer
from local_aws.lambda_service.errors import LambdaError
from local_aws.lambda_service.invocation import MAXIMUM_REQUEST_BYTES, WorkerOutcome
from local_aws.lambda_service.invoker import Invoker
from local_aws.lambda_service.names import FunctionName


class MappedFunction:
    """The function of a mapping, invoked on its workers without a detour over HTTP; a mapping may be given another."""

    def __init__(self, invoker: Invoker, called: FunctionName, arn: str) -> None:
        self._invoker = invoker
        self._called = called
        self._arn = arn

    @property
    def arn(self) -> str:
        return self._arn

    def become(self, other: "MappedFunction") -> None:
        """Invoke from now on what `other` invokes."""
        self._called, self._arn = other._called, other._arn

    @property
    def called(self) -> tuple[FunctionName, str]:
        return self._called, self._arn

    async def invoke(self, event: dict[str, Any]) -> FunctionAnswer:
        self._stamp(event)
        payload = json.dumps(event, separators=(",", ":"), ensure_ascii=False).encode()
        if len(payload) > MAXIMUM_REQUEST_BYTES:
            raise Throttled(f"the event has {len(payload)} bytes, a request at most {MAXIMUM_REQUEST_BYTES}")
        # A mapping that is stopped does not take back what it has sent: the function goes on to its end.
        running = asyncio.ensure_future(self._invoker.invoke(self._called, payload, "mapping"))
        running.add_done_callback(_look_at)
        try:
            outcome = await asyncio.shield(running)
        except LambdaError as error:
            raise Throttled(str(error)) from error
        self._invoker.iterator_ages.note(self._called.name, event, time.time())
        answer = outcome.answer
        return FunctionAnswer(
            outcome.request_id, outcome.executed_version, answer.function_error, _decoded(answer.payload)
        )

    def _stamp(self, event: dict[str, Any]) -> None:
        """Have Kinesis records name the role that the function has now, whoever's it was when they were read."""
        if not any("invokeIdentityArn" in record for record in event.get("Records", ())[:1]):
            return
        try:
            role_arn = self._invoker.role_of(self._called)
        except LambdaError:
            return  # the invocation that follows says so
        for record in event["Records"]:
            record["invokeIdentityArn"] = role_arn


def _decoded(payload: bytes) -> Any:
    """A response as a mapping looks into it: what is no JSON (Python's runtime passes bytes on as they are) is text."""
    try:
        return json.loads(payload) if payload else None
    except (ValueError, RecursionError):
        return payload.decode(errors="replace")


def _look_at(ended: "asyncio.Future[WorkerOutcome]") -> None:
    """An invocation that no one waits for any more may fail without a complaint of asyncio's."""
    if not ended.cancelled():
        ended.exception()
