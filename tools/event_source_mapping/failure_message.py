"""The message that an on-failure destination receives, key by key as recorded from AWS.

Developer guide, services-dynamodb-errors and kinesis-on-failure-destination.
"""

import json
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from event_source_mapping.formats import Record, RecordFormat
from event_source_mapping.ports import FunctionAnswer


class FailureCondition(StrEnum):
    RETRY_ATTEMPTS_EXHAUSTED = "RetryAttemptsExhausted"
    RECORD_AGE_EXCEEDED = "RecordAgeExceeded"


def timestamp(seconds: float, digits: int = 3) -> str:
    """An instant as `2022-07-13T13:48:01.000Z`, or without the fraction when `digits` is 0."""
    moment = datetime.fromtimestamp(round(seconds, 3), UTC)
    fraction = f".{moment.microsecond // 1000:03d}" if digits else ""
    return f"{moment:%Y-%m-%dT%H:%M:%S}{fraction}Z"


def response_context(invocation: FunctionAnswer) -> dict[str, Any]:
    """How the last invocation ended; `functionError` stays, as null, when only the response was at fault."""
    return {
        "statusCode": 200,
        "executedVersion": invocation.executed_version,
        "functionError": invocation.function_error,
    }


def compose(
    records: list[Record],
    record_format: RecordFormat,
    *,
    shard_id: str,
    stream_arn: str,
    function_arn: str,
    request_id: str,
    condition: FailureCondition,
    invoke_count: int,
    last_invocation: FunctionAnswer | None,
    now: float,
) -> dict[str, Any]:
    """The message for discarded `records`; an expired batch has no `responseContext`, even if it was invoked."""
    message: dict[str, Any] = {
        "requestContext": {
            "requestId": request_id,
            "functionArn": function_arn,
            "condition": str(condition),
            "approximateInvokeCount": invoke_count,
        }
    }
    if condition is FailureCondition.RETRY_ATTEMPTS_EXHAUSTED and last_invocation is not None:
        message["responseContext"] = response_context(last_invocation)
    first, last = records[0], records[-1]
    return message | {
        "version": "1.0",
        "timestamp": timestamp(now),
        record_format.batch_description: {
            "shardId": shard_id,
            "startSequenceNumber": record_format.sequence_number(first),
            "endSequenceNumber": record_format.sequence_number(last),
            "approximateArrivalOfFirstRecord": timestamp(record_format.arrival(first), record_format.arrival_digits),
            "approximateArrivalOfLastRecord": timestamp(record_format.arrival(last), record_format.arrival_digits),
            "batchSize": len(records),
            "streamArn": stream_arn,
        },
    }


def with_payload(message: dict[str, Any], payload: dict[str, Any]) -> dict[str, Any]:
    """The document for an S3 destination: the message and the original event, as JSON in a string."""
    return message | {"payload": json.dumps(payload, separators=(",", ":"))}


def object_key(message: dict[str, Any], mapping_uuid: str, shard_id: str, random_id: str) -> str:
    """Where an S3 destination keeps the document: by mapping, shard and the message's time."""
    moment = datetime.fromisoformat(message["timestamp"])
    return f"aws/lambda/{mapping_uuid}/{shard_id}/{moment:%Y/%m/%d/%Y-%m-%dT%H.%M.%S}-{random_id}"
