"""On-failure messages of event source mappings (Developer Guide, "Retaining discarded batch records")."""

import json
from collections.abc import Mapping
from typing import Any

from changestream.core.errors import MalformedMessage
from changestream.core.failed_batch import FailedBatch, StreamKind
from changestream.core.sequence_number import SequenceNumber

BATCH_INFO = {"DDBStreamBatchInfo": StreamKind.DYNAMODB, "KinesisBatchInfo": StreamKind.KINESIS}


def failed_batch(body: str) -> FailedBatch:
    """Read the message in an SQS body. Raises ``MalformedMessage`` saying what is missing or wrong.

    Only what it takes to refetch and redeliver is required: a message is not given up over a count or a time.
    ``responseContext`` is not looked at; Lambda leaves it out when records expire before an invocation.
    """
    try:
        message = json.loads(body)
    except ValueError as error:
        raise MalformedMessage(f"not JSON: {error}") from None
    if not isinstance(message, dict):
        raise MalformedMessage(f"a JSON {type(message).__name__}, not an on-failure message")
    for name, kind in BATCH_INFO.items():
        if name in message:
            return _read(kind, message, _mapping(message, name), _mapping(message, "requestContext"))
    raise MalformedMessage(f"not an on-failure message of a stream: none of {', '.join(BATCH_INFO)} in it")


def _read(
    kind: StreamKind, message: Mapping[str, Any], batch: Mapping[str, Any], request: Mapping[str, Any]
) -> FailedBatch:
    start, end = _sequence_number(batch, "startSequenceNumber"), _sequence_number(batch, "endSequenceNumber")
    if end < start:
        raise MalformedMessage(f"endSequenceNumber {end} is before startSequenceNumber {start}")
    return FailedBatch(
        function_arn=_arn(request, "functionArn", "lambda", parts=7),
        kind=kind,
        # Where a registered consumer reads, records are refetched from the stream that it reads.
        stream_arn=_arn(batch, "streamArn", kind.value, parts=6).partition("/consumer/")[0],
        shard_id=_text(batch, "shardId"),
        start=start,
        end=end,
        batch_size=_count(batch, "batchSize"),
        first_arrival=str(batch.get("approximateArrivalOfFirstRecord", "")),
        last_arrival=str(batch.get("approximateArrivalOfLastRecord", "")),
        condition=str(request.get("condition", "")),
        invoke_count=_count(request, "approximateInvokeCount"),
        request_id=str(request.get("requestId", "")),
        discarded_at=str(message.get("timestamp", "")),
    )


def _mapping(message: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    value = message.get(name)
    if not isinstance(value, dict):
        raise MalformedMessage(f"on-failure message without {name}")
    return value


def _text(context: Mapping[str, Any], name: str) -> str:
    value = context.get(name)
    if not isinstance(value, str) or not value:
        raise MalformedMessage(f"on-failure message with {name} {value!r}, where text is expected")
    return value


def _count(context: Mapping[str, Any], name: str) -> int:
    value = context.get(name)
    return value if isinstance(value, int) and value > 0 else 1


def _arn(context: Mapping[str, Any], name: str, service: str, parts: int) -> str:
    value = _text(context, name)
    if not value.startswith("arn:") or value.split(":")[2:3] != [service] or len(value.split(":")) < parts:
        raise MalformedMessage(f"on-failure message with {name} {value!r}, where an ARN of {service} is expected")
    return value


def _sequence_number(context: Mapping[str, Any], name: str) -> SequenceNumber:
    try:
        return SequenceNumber.parse(context.get(name))
    except ValueError as error:
        raise MalformedMessage(f"on-failure message with {name}: {error}") from None


def narrowed(body: str, start: SequenceNumber, records: int) -> str:
    """Return a message for what is left of its batch: the same, from ``start`` on."""
    message = json.loads(body)
    for name in BATCH_INFO:
        if name in message:
            message[name] |= {"startSequenceNumber": start.text, "batchSize": records}
    return json.dumps(message)
