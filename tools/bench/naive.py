"""What the consumers are measured against: Powertools' ``BatchProcessor``, ``boto3.resource``, one write per record.

The form that its guide shows. Each writes what ours writes, under the same key and guard, and refuses what ours does, a
task that is none; it heeds no order of changes, nor looks whether a bad one has been overtaken. For the search index
boto3 has nothing: the naive side signs a request for each document as ours signs one for all, and validates the same.
"""

import json
import os
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from hashlib import sha256
from time import time
from typing import Any

import boto3
from aws_lambda_powertools.utilities.batch import BatchProcessor, EventType, process_partial_response
from aws_lambda_powertools.utilities.data_classes.dynamo_db_stream_event import DynamoDBRecord
from aws_lambda_powertools.utilities.data_classes.kinesis_stream_event import KinesisStreamRecord
from boto3.dynamodb.conditions import Attr

from changestream.aws.signed_http import SignedHttp

TEXTS = ("listId", "taskId", "description", "createdDate")
STATUSES = ("open", "in_progress", "done")

processor = BatchProcessor(event_type=EventType.KinesisDataStreams)


def replicate(event: dict[str, Any], context: Any) -> Any:
    """Keep the newest state of each task."""
    return process_partial_response(event, _replicate_one, processor, context)


def record(event: dict[str, Any], context: Any) -> Any:
    """Keep each change as a row of its own, its images as maps, which refuses items of the deepest nesting."""
    return process_partial_response(event, _record_one, processor, context)


def index(event: dict[str, Any], context: Any) -> Any:
    """Keep the newest state of each task in a search index."""
    return process_partial_response(event, _index_one, processor, context)


def _replicate_one(record: KinesisStreamRecord) -> None:
    captured, change, at = _change(record)
    if _is_task(captured, change):
        newer = Attr("watermark").not_exists() | Attr("watermark").lt(at)
        item = {**(_task(captured, change) or _tombstone(change)), "watermark": at}
        _table(os.environ["REPLICA_TABLE"]).put_item(Item=item, ConditionExpression=newer)


def _record_one(record: KinesisStreamRecord) -> None:
    captured, change, at = _change(record)
    if not _is_task(captured, change):
        return
    keys = change.keys
    what = json.dumps([captured["eventName"], change.old_image, change.new_image], sort_keys=True, default=str)
    row = {
        "task": f"{keys['listId']}/{keys['taskId']}",
        "revision": f"{at}#{sha256(what.encode()).hexdigest()[:16]}",
        "listId": keys["listId"],
        "taskId": keys["taskId"],
        "kind": captured["eventName"],
        "eventId": captured["eventID"],
        "changedAt": Decimal(at) / 10**6,
        "byTimeToLive": "userIdentity" in captured,
        "oldImage": change.old_image,
        "newImage": change.new_image,
    }
    _table(os.environ["TASK_HISTORY_TABLE"]).put_item(Item=row)


def _index_one(record: KinesisStreamRecord) -> None:
    captured, change, at = _change(record)
    if not _is_task(captured, change):
        return
    keys = change.keys
    document_id = sha256(json.dumps([keys["listId"], keys["taskId"]]).encode()).hexdigest()
    path = f"/{os.environ['SEARCH_INDEX']}/_doc/{document_id}?version={int(at)}&version_type=external"
    document = _task(captured, change) or {**_tombstone(change), "deleted": True}
    _search().send("PUT", path, json.dumps(document, default=float).encode())


def _change(record: KinesisStreamRecord) -> tuple[Any, Any, str]:
    """Return the captured change, its images, and its time in microseconds as text whose order is that of time."""
    captured = DynamoDBRecord(record.kinesis.data_as_json())
    return captured, captured.dynamodb, f"{captured['dynamodb']['ApproximateCreationDateTime']:040d}"


def _is_task(captured: Any, change: Any) -> bool:
    return captured["tableName"] == os.environ["TASKS_TABLE"] and str(change.keys["taskId"]).startswith("task-")


def _task(captured: Any, change: Any) -> dict[str, Any] | None:
    """Return the task as the change left it, ``None`` for one that is gone. Raises whatever a bad one causes."""
    if captured["eventName"] == "REMOVE":
        return None
    task: dict[str, Any] = change.new_image
    if task["status"] not in STATUSES or not all(isinstance(task[name], str) for name in TEXTS):
        raise ValueError(f"not a task: {task}")
    datetime.fromisoformat(task["createdDate"])
    if "dueDate" in task:
        date.fromisoformat(task["dueDate"])
    if "expiresAt" in task:
        int(task["expiresAt"])
    return task


def _tombstone(change: Any) -> dict[str, Any]:
    return {**change.keys, "tombstoneExpiresAt": int(time()) + int(os.environ["TOMBSTONE_DAYS"]) * 86_400}


@cache
def _search() -> SignedHttp:
    return SignedHttp(os.environ["SEARCH_ENDPOINT"], "es", os.environ["AWS_REGION"])


@cache
def _table(name: str) -> Any:
    resource: Any = boto3.resource
    return resource("dynamodb").Table(name)
