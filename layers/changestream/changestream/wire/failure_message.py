"""On-failure messages of event source mappings (Developer Guide, "Retaining discarded batch records")."""

import json
import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from changestream.core.errors import MalformedMessage
from changestream.core.failed_batch import FailedBatch, StreamKind
from changestream.core.quoting import quoted
from changestream.core.sequence_number import SequenceNumber
from changestream.wire.envelope import STORED_IN, StoredObject, parsed
from changestream.wire.payload import PAYLOAD, payload_of

BATCH_INFO = {"DDBStreamBatchInfo": StreamKind.DYNAMODB, "KinesisBatchInfo": StreamKind.KINESIS}

FUNCTION_ARN = re.compile(r"arn:[\w-]+:lambda:[\w-]+:\d{12}:function:[\w-]{1,64}(:(\$LATEST|[\w-]{1,128}))?", re.ASCII)
STREAM_ARN = re.compile(r"arn:[\w-]+:(dynamodb|kinesis):[\w-]+:\d{12}:(table|stream)/[\w.:/-]{1,512}", re.ASCII)
SHARD_ID = re.compile(r"(?!\.+$)[\w.-]{1,128}", re.ASCII)
"""Of what is sent to AWS, and of what keys are made (API references): anything else would be refused for ever."""

MOST_RECORDS = 10_000
"""Of a batch, and of its retries (API reference, CreateEventSourceMapping). A larger count is no count of Lambda's."""

LONGEST_TEXT = 200
"""Characters of what is kept of a message for people to read: a condition, a request's id, a time."""


def failed_batch(text: str) -> FailedBatch:
    """Read a message that came by a queue or a topic. Raises ``MalformedMessage`` saying what is missing or wrong.

    Only what it takes to bring the records back is required: a message is not given up over a count or a time.
    ``responseContext`` is not looked at; Lambda leaves it out when records expire before an invocation. Lambda sends
    no records to a queue or a topic (Developer Guide, "Retaining discarded batch records"), so that a message with a
    payload is forged: every consumer's role may send to the queue.
    """
    message = parsed(text)
    if PAYLOAD in message:
        raise MalformedMessage(
            "an on-failure message with a payload, which Lambda only writes to a bucket: not delivered"
        )
    return batch_of(message)


def kept_batch(text: str) -> FailedBatch:
    """Read a message that a mapping wrote to a bucket, with its payload. Raises ``MalformedMessage`` likewise."""
    message = parsed(text)
    batch = batch_of(message)
    return replace(batch, payload=payload_of(message, batch))


def batch_of(message: Mapping[str, Any]) -> FailedBatch:
    """Return the batch that a message describes, without its payload. Raises ``MalformedMessage``."""
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
    stream_arn = _name(batch, "streamArn", STREAM_ARN, f"an ARN of {kind.value}")
    function_arn = _name(request, "functionArn", FUNCTION_ARN, "an ARN of lambda")
    _require_together(kind, stream_arn, function_arn)
    return FailedBatch(
        function_arn=function_arn,
        kind=kind,
        # Where a registered consumer reads, records are refetched from the stream that it reads.
        stream_arn=stream_arn.partition("/consumer/")[0],
        shard_id=_name(batch, "shardId", SHARD_ID, "the id of a shard"),
        start=start,
        end=end,
        batch_size=_count(batch, "batchSize"),
        first_arrival=_text(batch, "approximateArrivalOfFirstRecord"),
        last_arrival=_text(batch, "approximateArrivalOfLastRecord"),
        condition=_text(request, "condition"),
        invoke_count=_count(request, "approximateInvokeCount"),
        request_id=_text(request, "requestId"),
        discarded_at=_text(message, "timestamp"),
    )


def _require_together(kind: StreamKind, stream_arn: str, function_arn: str) -> None:
    """Raise ``MalformedMessage`` unless one mapping could join them: it lies in one region, its account may differ."""
    stream, function = stream_arn.split(":"), function_arn.split(":")
    if stream[2] != kind.value:
        raise MalformedMessage(
            f"on-failure message with streamArn {quoted(stream_arn)}, where {kind.value} is expected"
        )
    if (stream[1], stream[3]) != (function[1], function[3]):
        raise MalformedMessage(f"{stream_arn:.200} and {function_arn:.200} lie in two regions: no mapping joins them")


def _mapping(message: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    value = message.get(name)
    if not isinstance(value, dict):
        raise MalformedMessage(f"on-failure message without {name}")
    return value


def _name(context: Mapping[str, Any], name: str, form: re.Pattern[str], what: str) -> str:
    value = context.get(name)
    if not isinstance(value, str) or not form.fullmatch(value):
        raise MalformedMessage(f"on-failure message with {name} {quoted(value)}, where {what} is expected")
    return value


def _text(context: Mapping[str, Any], name: str) -> str:
    """Return the beginning of a text, "" for anything else."""
    value = context.get(name)
    return value[:LONGEST_TEXT].encode(errors="replace").decode() if isinstance(value, str) else ""


def _count(context: Mapping[str, Any], name: str) -> int:
    value = context.get(name)
    return min(value, MOST_RECORDS) if isinstance(value, int) and value > 0 else 1


def _sequence_number(context: Mapping[str, Any], name: str) -> SequenceNumber:
    try:
        return SequenceNumber.parse(context.get(name))
    except ValueError as error:
        raise MalformedMessage(f"on-failure message with {name}: {error}") from None


def composed(batch: FailedBatch) -> str:
    """Return the message of a batch, in the shape in which a mapping writes it."""
    (name,) = (name for name, kind in BATCH_INFO.items() if kind is batch.kind)
    return json.dumps(
        {
            "requestContext": {
                "requestId": batch.request_id,
                "functionArn": batch.function_arn,
                "condition": batch.condition,
                "approximateInvokeCount": batch.invoke_count,
            },
            "version": "1.0",
            "timestamp": batch.discarded_at,
            name: {
                "shardId": batch.shard_id,
                "startSequenceNumber": batch.start.text,
                "endSequenceNumber": batch.end.text,
                "approximateArrivalOfFirstRecord": batch.first_arrival,
                "approximateArrivalOfLastRecord": batch.last_arrival,
                "batchSize": batch.batch_size,
                "streamArn": batch.stream_arn,
            },
        }
    )


def narrowed(text: str, start: SequenceNumber, records: int, stored: StoredObject | None = None) -> str:
    """Return a message for what is left of its batch: the same, from ``start`` on.

    A payload that is kept in an object stays there, and the message says where: it may be larger than a queue takes.
    """
    message = dict(parsed(text))
    for name in BATCH_INFO:
        if name in message:
            message[name] |= {"startSequenceNumber": start.text, "batchSize": records}
    if stored:
        message.pop(PAYLOAD, None)
        message[STORED_IN] = {"bucket": stored.bucket, "key": stored.key, "version": stored.version}
    return json.dumps(message)
