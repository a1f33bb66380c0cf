"""Wire documents for tests: everything that AWS would say, of which a test names only what matters to it."""

import json
from base64 import b64encode
from hashlib import md5
from typing import Any

ACCOUNT = "123456789012"
REGION = "eu-west-1"
TABLE = "Tasks"
TABLE_STREAM_ARN = f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/{TABLE}/stream/2026-01-01T00:00:00.000"
CHANGE_STREAM_ARN = f"arn:aws:kinesis:{REGION}:{ACCOUNT}:stream/Changes"
ROLE_ARN = f"arn:aws:iam::{ACCOUNT}:role/consumer"
TABLE_SHARD = "shardId-00000001573689847184-864758bb"
CHANGE_SHARD = "shardId-000000000000"
MOMENT = 1_767_225_600
TIME_TO_LIVE = {"principalId": "dynamodb.amazonaws.com", "type": "Service"}

Json = dict[str, Any]


def sequence_number(n: int) -> str:
    """A DynamoDB Streams sequence number; the n-th of a shard."""
    return str(100_000_000_000_000_000_000 + n)


def task(
    task_id: str = "task-1", list_id: str = "list-1", status: str | Json | None = "open", **attributes: Json | None
) -> Json:
    """The item of a task; ``attributes`` adds or replaces, ``None`` as value removes."""
    item: Json = {
        "listId": {"S": list_id},
        "taskId": {"S": task_id},
        "description": {"S": "buy milk"},
        "status": {"S": status} if isinstance(status, str) else status,
        "createdDate": {"S": "2026-01-01T00:00:00+00:00"},
    } | attributes
    return {name: value for name, value in item.items() if value is not None}


def keys_of(item: Json) -> Json:
    return {"listId": item["listId"], "taskId": item["taskId"]}


def images(old: Json | None, new: Json | None) -> tuple[str, Json]:
    name = "MODIFY" if old and new else "INSERT" if new else "REMOVE"
    body: Json = {"Keys": keys_of(new or old or {})}
    body |= {"NewImage": new} if new else {}
    body |= {"OldImage": old} if old else {}
    return name, body


def table_record(n: int, new: Json | None = None, old: Json | None = None, identity: Json | None = None) -> Json:
    """A DynamoDB Streams record as Lambda delivers it."""
    name, body = images(old, new)
    record: Json = {
        "eventID": f"{n:032x}",
        "eventName": name,
        "eventVersion": "1.1",
        "eventSource": "aws:dynamodb",
        "awsRegion": REGION,
        "dynamodb": {
            "ApproximateCreationDateTime": float(MOMENT + n),
            **body,
            "SequenceNumber": sequence_number(n),
            "SizeBytes": 100,
            "StreamViewType": "NEW_AND_OLD_IMAGES",
        },
        "eventSourceARN": TABLE_STREAM_ARN,
    }
    return record | ({"userIdentity": identity} if identity else {})


def capture(at: int, new: Json | None = None, old: Json | None = None, **replaced: Any) -> Json:
    """What Kinesis Data Streams for DynamoDB puts into a record; ``at`` counts microseconds."""
    name, body = images(old, new)
    return {
        "awsRegion": REGION,
        "eventID": f"event-{at}",
        "eventName": name,
        "userIdentity": None,
        "recordFormat": "application/json",
        "tableName": TABLE,
        "dynamodb": {
            "ApproximateCreationDateTime": MOMENT * 1_000_000 + at,
            "ApproximateCreationDateTimePrecision": "MICROSECOND",
            **body,
            "SizeBytes": 100,
        },
        "eventSource": "aws:dynamodb",
    } | replaced


def kinesis_record(n: int, data: Json | bytes) -> Json:
    """A Kinesis record as Lambda delivers it."""
    raw = data if isinstance(data, bytes) else json.dumps(data).encode()
    return {
        "kinesis": {
            "kinesisSchemaVersion": "1.0",
            "partitionKey": "A" * 32,
            "sequenceNumber": sequence_number(n),
            "data": b64encode(raw).decode(),
            "approximateArrivalTimestamp": MOMENT + n / 1000,
        },
        "eventSource": "aws:kinesis",
        "eventVersion": "1.0",
        "eventID": f"{CHANGE_SHARD}:{sequence_number(n)}",
        "eventName": "aws:kinesis:record",
        "invokeIdentityArn": ROLE_ARN,
        "awsRegion": REGION,
        "eventSourceARN": CHANGE_STREAM_ARN,
    }


def function_arn(name: str) -> str:
    return f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:{name}"


def failure_message(
    start: str,
    end: str,
    *,
    function: str = "count_tasks",
    info: str = "DDBStreamBatchInfo",
    stream_arn: str = TABLE_STREAM_ARN,
    shard_id: str = TABLE_SHARD,
    batch_size: int = 1,
    timestamp: str = "2026-01-01T00:01:00.000Z",
) -> Json:
    """An on-failure message as a mapping sends it."""
    fraction = "" if info == "DDBStreamBatchInfo" else ".000"
    return {
        "requestContext": {
            "requestId": "c9b8fa9f-5a7f-xmpl-af9c-0c604cde93a5",
            "functionArn": function_arn(function),
            "condition": "RetryAttemptsExhausted",
            "approximateInvokeCount": 4,
        },
        "responseContext": {"statusCode": 200, "executedVersion": "$LATEST", "functionError": None},
        "version": "1.0",
        "timestamp": timestamp,
        info: {
            "shardId": shard_id,
            "startSequenceNumber": start,
            "endSequenceNumber": end,
            "approximateArrivalOfFirstRecord": f"2026-01-01T00:00:01{fraction}Z",
            "approximateArrivalOfLastRecord": f"2026-01-01T00:00:02{fraction}Z",
            "batchSize": batch_size,
            "streamArn": stream_arn,
        },
    }


def queue_message(body: Json | str, message_id: str = "message-1", received: int = 1) -> Json:
    """A queue message as Lambda delivers it."""
    text = body if isinstance(body, str) else json.dumps(body)
    return {
        "messageId": message_id,
        "receiptHandle": f"handle-of-{message_id}",
        "body": text,
        "attributes": {
            "ApproximateReceiveCount": str(received),
            "SentTimestamp": str(MOMENT * 1000),
            "SenderId": "AROAEXAMPLE:changestream",
            "ApproximateFirstReceiveTimestamp": str(MOMENT * 1000 + 20),
        },
        "messageAttributes": {},
        "md5OfBody": md5(text.encode(), usedforsecurity=False).hexdigest(),
        "eventSource": "aws:sqs",
        "eventSourceARN": f"arn:aws:sqs:{REGION}:{ACCOUNT}:FailedBatches",
        "awsRegion": REGION,
    }
