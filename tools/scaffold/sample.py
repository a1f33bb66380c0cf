"""The sample event of a new consumer: a task that is created, and one that is done."""

import json
from base64 import b64encode
from typing import Any

from consumers.kinds import Feed, Kind
from scaffold.request import ConsumerRequest

Json = dict[str, Any]

REGION, ACCOUNT = "eu-west-1", "123456789012"
TABLE = "changestream-TasksTable"
TABLE_STREAM_ARN = f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/{TABLE}/stream/2026-01-01T00:00:00.000"
CHANGE_STREAM_ARN = f"arn:aws:kinesis:{REGION}:{ACCOUNT}:stream/changestream-ChangeStream"
SHARD = "shardId-000000000000"
MOMENT = 1767225600
FIRST_TABLE_NUMBER = 4421584500000000017450439092
FIRST_KINESIS_NUMBER = 49590338271490256608559692538361571095921575989136588899
WINDOW = {
    "window": {"start": "2026-01-01T00:00:00Z", "end": "2026-01-01T00:01:00Z"},
    "state": {},
    "shardId": SHARD,
    "eventSourceARN": CHANGE_STREAM_ARN,
    "isFinalInvokeForWindow": False,
    "isWindowTerminatedEarly": False,
}


def event(request: ConsumerRequest) -> str:
    """Return an invocation event of the consumer's mapping, as JSON."""
    record = _table_record if request.feed is Feed.TABLE else _kinesis_record
    document: Json = {"Records": [record(n, change) for n, change in enumerate(_changes(), start=1)]}
    if request.kind is Kind.WINDOW:
        document |= WINDOW
    return json.dumps(document, indent=2) + "\n"


def _changes() -> list[Json]:
    opened = _task("task-milk", "open")
    done = opened | {"status": {"S": "done"}}
    return [
        {"eventName": "INSERT", "Keys": _keys(opened), "NewImage": opened},
        {"eventName": "MODIFY", "Keys": _keys(done), "NewImage": done, "OldImage": opened},
    ]


def _task(task_id: str, status: str) -> Json:
    return {
        "listId": {"S": "list-home"},
        "taskId": {"S": task_id},
        "description": {"S": "buy milk"},
        "status": {"S": status},
        "createdDate": {"S": "2026-01-01T00:00:00+00:00"},
        "dueDate": {"S": "2026-01-05"},
    }


def _keys(item: Json) -> Json:
    return {name: item[name] for name in ("listId", "taskId")}


def _table_record(n: int, change: Json) -> Json:
    images = {name: value for name, value in change.items() if name != "eventName"}
    return {
        "eventID": f"{n:032x}",
        "eventName": change["eventName"],
        "eventVersion": "1.1",
        "eventSource": "aws:dynamodb",
        "awsRegion": REGION,
        "dynamodb": {
            "ApproximateCreationDateTime": float(MOMENT + n),
            **images,
            "SequenceNumber": str(FIRST_TABLE_NUMBER + n),
            "SizeBytes": 100,
            "StreamViewType": "NEW_AND_OLD_IMAGES",
        },
        "eventSourceARN": TABLE_STREAM_ARN,
    }


def _kinesis_record(n: int, change: Json) -> Json:
    images = {name: value for name, value in change.items() if name != "eventName"}
    captured = {
        "awsRegion": REGION,
        "eventID": f"0b1e0f6c-5b5e-4d4c-9a5f-{n:012}",
        "eventName": change["eventName"],
        "userIdentity": None,
        "recordFormat": "application/json",
        "tableName": TABLE,
        "dynamodb": {
            "ApproximateCreationDateTime": MOMENT * 1_000_000 + n,
            "ApproximateCreationDateTimePrecision": "MICROSECOND",
            **images,
            "SizeBytes": 100,
        },
        "eventSource": "aws:dynamodb",
    }
    number = str(FIRST_KINESIS_NUMBER + n)
    return {
        "kinesis": {
            "kinesisSchemaVersion": "1.0",
            "partitionKey": "A" * 32,
            "sequenceNumber": number,
            "data": b64encode(json.dumps(captured).encode()).decode(),
            "approximateArrivalTimestamp": MOMENT + n / 1000,
        },
        "eventSource": "aws:kinesis",
        "eventVersion": "1.0",
        "eventID": f"{SHARD}:{number}",
        "eventName": "aws:kinesis:record",
        "invokeIdentityArn": f"arn:aws:iam::{ACCOUNT}:role/consumer",
        "awsRegion": REGION,
        "eventSourceARN": CHANGE_STREAM_ARN,
    }
