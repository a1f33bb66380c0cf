"""Invoking the function that a failed batch belongs to, and reading its answer."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from changestream.aws.refusals import error_code
from changestream.core.batch import LONGEST_REASON, FailureKind
from changestream.core.deadline import Deadline
from changestream.core.errors import FunctionGone, FunctionRefused, TransientError
from changestream.core.failed_batch import EventRecord, ParkReason
from changestream.core.quoting import quoted, shortened
from changestream.core.redelivery import Answer, Applied, Crashed, Piece, Refused
from changestream.recovery.consumers import Consumers
from changestream.wire.lambda_event import sequence_number

NOT_STARTED = frozenset({"Runtime.ImportModuleError", "Runtime.HandlerNotFound", "Runtime.UserCodeSyntaxError"})
"""Error types of a function that cannot even be loaded: a broken deployment, which no record is to blame for."""

FINAL = frozenset({"ResourceNotFoundException", "AccessDeniedException", "InvalidParameterValueException"})


class ConsumerFunction:
    """The function named in an on-failure message: its execution role, and a synchronous delivery to it.

    Only ``consumers`` are invoked: a message may name any function, and is not to decide. No delivery begins with less
    time left than one of them may take.
    """

    def __init__(self, client: Any, arn: str, deadline: Deadline, consumers: Consumers) -> None:
        self._client = client
        self._arn = arn
        self._deadline = deadline
        self._consumers = consumers

    @property
    def is_permitted(self) -> bool:
        """Whether the function is one that may be invoked."""
        return self._consumers.permit(self._arn)

    def role_arn(self) -> str:
        """Return the execution role. Raises ``FunctionGone``, ``FunctionRefused`` or ``TransientError``."""
        self._require_permission()
        try:
            answer = self._client.get_function_configuration(FunctionName=self._arn)
        except (ClientError, BotoCoreError) as error:
            raise _refusal(self._arn, error) from error
        role: str = answer["Role"]
        return role

    def deliver(self, records: Piece) -> Answer:
        """Invoke the function with the event that Lambda would have sent.

        Raises ``OutOfTime`` before an invocation that might not end in time, ``FunctionRefused`` before one that is not
        permitted, ``FunctionGone`` or ``TransientError`` where Lambda does not carry it out.
        """
        self._require_permission()
        self._deadline.require(self._consumers.seconds, "one more delivery")
        try:
            answer = self._client.invoke(
                FunctionName=self._arn, InvocationType="RequestResponse", Payload=event_payload(records)
            )
            payload = answer["Payload"].read()
        except (ClientError, BotoCoreError) as error:
            raise _refusal(self._arn, error) from error
        if answer.get("FunctionError"):
            return _crash(payload)
        return read_answer(payload, records)

    def _require_permission(self) -> None:
        if not self.is_permitted:
            raise FunctionRefused(f"{self._arn} is not among the functions that recovery may invoke")


def event_payload(records: Sequence[EventRecord]) -> bytes:
    """Return the invocation payload of some records."""
    return json.dumps({"Records": list(records)}, separators=(",", ":")).encode()


def record_bytes(record: EventRecord) -> int:
    """Return the size of a record in such a payload, its separator included."""
    return len(json.dumps(record, separators=(",", ":"))) + 1


def why_undelivered(error: TransientError | FunctionGone) -> ParkReason:
    """Return the reason for which records are parked that a delivery stopped before."""
    if isinstance(error, TransientError):
        return ParkReason.UNAVAILABLE
    return ParkReason.FUNCTION_REFUSED if isinstance(error, FunctionRefused) else ParkReason.FUNCTION_GONE


def read_answer(payload: bytes, records: Sequence[EventRecord]) -> Answer:
    """Read a partial batch response as a mapping does (Developer Guide, "Success and failure conditions").

    An identifier that is not of the batch, or a malformed response, means that nothing is known to be done. A response
    that is no object reports no failure: a mapping without ``ReportBatchItemFailures`` ignores it.
    """
    try:
        response = json.loads(payload or b"null")
        if not isinstance(response, Mapping):
            return Applied()
        failures = response.get("batchItemFailures") or []
        named = {failure["itemIdentifier"] for failure in failures}
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return Crashed(f"malformed partial batch response {quoted(payload.decode(errors='replace'))}")
    if not named:
        return Applied(_superseded(response, len(records)))
    positions = {sequence_number(record): index for index, record in enumerate(records)}
    if not named <= positions.keys():
        stranger = min(named - positions.keys(), key=str)
        return Crashed(f"partial batch response names {quoted(stranger)}, not in the batch")
    kind, reason = _explanation(response.get("failure"))
    indexes = tuple(sorted(positions[name] for name in named))
    return Refused(indexes, kind, reason, _superseded(response, len(records)))


def _superseded(response: Mapping[str, Any], most: int) -> int:
    """Return how many records the function found overtaken; it need not say."""
    told = response.get("superseded")
    return min(told, most) if isinstance(told, int) and told > 0 else 0


def _explanation(failure: object) -> tuple[FailureKind | None, str]:
    """Read why records were reported; return None if the function does not say."""
    kind = failure.get("kind") if isinstance(failure, Mapping) else None
    if isinstance(failure, Mapping) and isinstance(kind, str) and kind in FailureKind:
        return FailureKind(kind), _text(failure.get("reason", ""))
    return None, "the function reported the record without a reason; its log may have one"


def _crash(payload: bytes) -> Crashed:
    """Read a function error. Raises ``TransientError`` where the function could not be loaded."""
    try:
        error = json.loads(payload)
        kind, message = _text(error.get("errorType", "Error")), _text(error.get("errorMessage", ""))
    except (ValueError, AttributeError, RecursionError):
        return Crashed(payload[:200].decode(errors="replace"))
    if kind in NOT_STARTED:
        raise TransientError(shortened(f"the function cannot be loaded: {kind}: {message}", LONGEST_REASON))
    return Crashed(f"{kind}: {message}")


def _text(told: object) -> str:
    """Return text of an answer as it is, and any other value as a quotation."""
    return told if isinstance(told, str) else quoted(told)


def _refusal(arn: str, error: ClientError | BotoCoreError) -> FunctionGone | TransientError:
    if isinstance(error, ClientError) and error_code(error) in FINAL:
        return FunctionGone(f"invoking {arn}: {error}")
    return TransientError(f"invoking {arn}: {error}")
