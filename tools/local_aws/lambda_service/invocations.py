"""The operation Invoke: synchronous, as an event, or as a dry run.

https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html
"""

import asyncio
import base64
import json
from collections.abc import Callable
from typing import Any

from local_aws.lambda_service.errors import LambdaError, invalid_request, request_too_large
from local_aws.lambda_service.invocation import MAXIMUM_EVENT_BYTES, MAXIMUM_REQUEST_BYTES, WorkerOutcome, timestamp
from local_aws.lambda_service.invoker import Invoker
from local_aws.lambda_service.loop_thread import LoopThread
from local_aws.lambda_service.names import FunctionName, parse_function_name
from local_aws.lambda_service.registry import FunctionRegistry

type Document = dict[str, Any]
type EventFailed = Callable[[str, Document], None]  # destination ARN, the message for it

# Lambda waits 1 min, then 2 min; nobody waits that long in front of a laptop.
RETRY_PAUSES = (1.0, 2.0)
_TYPES = ("RequestResponse", "Event", "DryRun")


class InvokeOperations:
    """`on_event_failed` is given what an event's on-failure destination should get."""

    def __init__(
        self,
        functions: FunctionRegistry,
        invoker: Invoker,
        thread: LoopThread,
        on_event_failed: EventFailed,
        retry_pauses: tuple[float, ...] = RETRY_PAUSES,
    ) -> None:
        self._functions = functions
        self._invoker = invoker
        self._thread = thread
        self._on_event_failed = on_event_failed
        self._retry_pauses = retry_pauses

    def invoke(self, request: Document) -> Document:
        """Answer with StatusCode and Payload, and as the case may be FunctionError, ExecutedVersion, LogResult."""
        called = parse_function_name(request["FunctionName"], request.get("Qualifier"))
        kind = request.get("InvocationType") or "RequestResponse"
        if kind not in _TYPES:
            raise invalid_request(
                f"1 validation error detected: Value '{kind}' at 'invocationType' failed to satisfy constraint: "
                f"Member must satisfy enum value set: [{', '.join(_TYPES)}]"
            )
        payload = _checked(request.get("Payload") or b"", kind)
        self._functions.resolve(called)
        if kind == "DryRun":
            return {"StatusCode": 204, "Payload": b""}
        context = _client_context(request.get("ClientContext"))
        if kind == "Event":
            self._thread.start(self._run_event(called, payload, context))
            return {"StatusCode": 202, "Payload": b""}
        outcome = self._thread.call(self._invoker.invoke(called, payload, "api", context))
        return _shown(outcome, tail=request.get("LogType") == "Tail")

    async def _run_event(self, called: FunctionName, payload: bytes, context: str | None) -> None:
        """Invoke, and twice more on failure; then the event goes to the on-failure destination, if there is one."""
        function, _ = self._functions.resolve(called)
        chosen = function.event_invoke.get(called.qualifier, {})
        pauses = self._retry_pauses[: chosen.get("MaximumRetryAttempts", 2)]
        attempts = 0
        outcome: WorkerOutcome | None = None
        while attempts <= len(pauses):
            if attempts:
                await asyncio.sleep(pauses[attempts - 1])
            try:
                outcome = await self._invoker.invoke(called, payload, "api", context)
            except LambdaError as error:
                if error.status != 429:
                    return  # deleted meanwhile
                await asyncio.sleep(self._retry_pauses[0] if self._retry_pauses else 0)
                continue
            attempts += 1
            if outcome.answer.function_error is None:
                return
        destination = chosen.get("DestinationConfig", {}).get("OnFailure", {}).get("Destination")
        if destination and outcome is not None:
            arn = self._functions.account.function_arn(called.name, called.qualifier or "$LATEST")
            message = _failed_event(arn, payload, attempts, outcome)
            await asyncio.to_thread(self._on_event_failed, destination, message)


def _checked(payload: bytes, kind: str) -> bytes:
    maximum = MAXIMUM_EVENT_BYTES if kind == "Event" else MAXIMUM_REQUEST_BYTES
    if len(payload) > maximum:
        raise request_too_large(maximum)
    if not payload:
        return b"{}"
    try:
        json.loads(payload)
    except (ValueError, RecursionError) as error:
        raise LambdaError(
            "InvalidRequestContentException",
            400,
            f"Could not parse request body into json: Could not parse payload into json: {error}",
        ) from error
    return payload


def _client_context(encoded: str | None) -> str | None:
    """What the caller sent as base64 of JSON, on one line for a header."""
    if encoded is None:
        return None
    try:
        return json.dumps(json.loads(base64.b64decode(encoded)))
    except (ValueError, RecursionError) as error:
        raise LambdaError(
            "InvalidRequestContentException", 400, "Client context must be a valid Base64-encoded JSON object."
        ) from error


def _shown(outcome: WorkerOutcome, tail: bool) -> Document:
    shown: Document = {
        "StatusCode": 200,
        "Payload": outcome.answer.payload,
        "ExecutedVersion": outcome.executed_version,
        "RequestId": outcome.request_id,
    }
    if outcome.answer.function_error is not None:
        shown["FunctionError"] = outcome.answer.function_error
    if tail:
        shown["LogResult"] = base64.b64encode(outcome.log_tail).decode()
    return shown


def _failed_event(arn: str, payload: bytes, attempts: int, outcome: WorkerOutcome) -> Document:
    """https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html"""
    return {
        "version": "1.0",
        "timestamp": timestamp(),
        "requestContext": {
            "requestId": outcome.request_id,
            "functionArn": arn,
            "condition": "RetriesExhausted",
            "approximateInvokeCount": attempts,
        },
        "requestPayload": json.loads(payload),
        "responseContext": {
            "statusCode": 200,
            "executedVersion": outcome.executed_version,
            "functionError": outcome.answer.function_error,
        },
        "responsePayload": json.loads(outcome.answer.payload or b"null"),
    }
