"""A task whose status changes, as Lambda delivers the change."""

import json
from base64 import b64encode
from typing import Any

from isolation.environment import REGION

SECOND = 1_767_225_600

Json = dict[str, Any]


def in_table_stream(n: int, list_id: str) -> Json:
    """Return the record of a change in its table's stream."""
    arn = f"arn:aws:dynamodb:{REGION}:123456789012:table/tasks/stream/2026-01-01T00:00:00.000"
    return {
        "eventID": f"{n:032x}",
        "eventName": "MODIFY",
        "eventSource": "aws:dynamodb",
        "dynamodb": {
            "ApproximateCreationDateTime": float(SECOND),
            **_images(list_id, f"task-{n}"),
            "SequenceNumber": str(10**20 + n),
            "StreamViewType": "NEW_AND_OLD_IMAGES",
        },
        "eventSourceARN": arn,
    }


def captured(n: int, task_id: str) -> Json:
    """Return it as Kinesis Data Streams for DynamoDB captures it."""
    body = {
        "ApproximateCreationDateTime": SECOND * 1_000_000 + n,
        "ApproximateCreationDateTimePrecision": "MICROSECOND",
        **_images("list-1", task_id),
    }
    change = {"awsRegion": REGION, "eventID": f"event-{n}", "eventName": "MODIFY", "tableName": "tasks"}
    return {
        "kinesis": {
            "partitionKey": task_id,
            "sequenceNumber": str(10**20 + n),
            "data": b64encode(json.dumps(change | {"dynamodb": body}).encode()).decode(),
            "approximateArrivalTimestamp": float(SECOND),
        },
        "eventSource": "aws:kinesis",
        "eventID": f"shardId-000000000000:{n}",
    }


def _images(list_id: str, task_id: str) -> Json:
    keys = {"listId": {"S": list_id}, "taskId": {"S": task_id}}
    image = keys | {
        "description": {"S": "take the bicycle to be repaired"},
        "status": {"S": "open"},
        "createdDate": {"S": "2026-01-01T00:00:00+00:00"},
        "expiresAt": {"N": "1798761600"},
    }
    return {"Keys": keys, "NewImage": image | {"status": {"S": "in_progress"}}, "OldImage": image, "SizeBytes": 300}
