"""On-failure messages of event source mappings (Developer Guide, "Retaining discarded batch records")."""

import json
import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from changestream.core.errors import MalformedMessage
from changestream.core.failed_batch import FailedBatch, StreamKind
from changestream.core.sequence_number import SequenceNumber
from changestream.wire.envelope import STORED_IN, StoredObject, parsed
from changestream.wire.payload import PAYLOAD, payload_of

BATCH_INFO = {"DDBStreamBatchInfo": StreamKind.DYNAMODB, "KinesisBatchInfo": StreamKind.KINESIS}

FUNCTION_ARN = re.compile(r"arn:[\w-]+:lambda:[\w-]+:\d{12}:function:[\w-]{1,64}(:(\$LATEST|[\w-]{1,128}))?", re.ASCII)
STREAM_ARN = re.compile(r"arn:[\w-]+:(dynamodb|kinesis):[\w-]+:\d{12}:(table|stream)/[\w.:/-]{1,512}", re.ASCII)
SHARD_ID = re.compile(r"[\w.-]{1,128}", re.ASCII)
"""Of what is sent to AWS, and of what keys are made (API references): anything else would be refused for ever."""


def failed_batch(text: str) -> FailedBatch:
    """Read a message. Raises ``MalformedMessage`` saying what is missing or wrong.

    Only what it takes to bring the records back is required: a message is not given up over a count or a time.
    ``responseContext`` is not looked at; Lambda leaves it out when records expire before an invocation.
    """
    message = parsed(text)
    for name, kind in BATCH_INFO.items():
        if name in message:
            batch = _read(kind, message, _mapping(message, name), _mapping(message, "requestContext"))
            return replace(batch, payload=payload_of(message, batch))
    raise MalformedMessage(f"not an on-failure message of a stream: none of {', '.join(BATCH_INFO)} in it")


def _read(
    kind: StreamKind, message: Mapping[str, Any], batch: Mapping[str, Any], request: Mapping[str, Any]
) -> FailedBatch:
    start, end = _sequence_number(batch, "startSequenceNumber"), _sequence_number(batch, "endSequenceNumber")
    if end < start:
        raise MalformedMessage(f"endSequenceNumber {end} is before startSequenceNumber {start}")
    stream_arn = _text(batch, "streamArn", STREAM_ARN, f"an ARN of {kind.value}")
    if stream_arn.split(":")[2] != kind.value:
        raise MalformedMessage(f"on-failure message with streamArn {stream_arn!r}, where {kind.value} is expected")
    return FailedBatch(
        function_arn=_text(request, "functionArn", FUNCTION_ARN, "an ARN of lambda"),
        kind=kind,
        stream_arn=stream_arn,
        shard_id=_text(batch, "shardId", SHARD_ID, "the id of a shard"),
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


def _text(context: Mapping[str, Any], name: str, form: re.Pattern[str], what: str) -> str:
    value = context.get(name)
    if not isinstance(value, str) or not form.fullmatch(value):
        raise MalformedMessage(f"on-failure message with {name} {value!r}, where {what} is expected")
    return value


def _count(context: Mapping[str, Any], name: str) -> int:
    value = context.get(name)
    return value if isinstance(value, int) and value > 0 else 1


def _sequence_number(context: Mapping[str, Any], name: str) -> SequenceNumber:
    try:
        return SequenceNumber.parse(context.get(name))
    except ValueError as error:
        raise MalformedMessage(f"on-failure message with {name}: {error}") from None


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
