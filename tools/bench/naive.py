"""What the consumers are measured against: Powertools' ``BatchProcessor``, ``boto3.resource``, one write per record.

The form that its guide shows. Each is as careful as ours about what it writes (the guard, the key), not about order.
"""

import json
import os
from functools import cache
from typing import Any

import boto3
from aws_lambda_powertools.utilities.batch import BatchProcessor, EventType, process_partial_response
from aws_lambda_powertools.utilities.data_classes.dynamo_db_stream_event import DynamoDBRecord
from aws_lambda_powertools.utilities.data_classes.kinesis_stream_event import KinesisStreamRecord
from boto3.dynamodb.conditions import Attr

from changestream.aws.signed_http import SignedHttp

processor = BatchProcessor(event_type=EventType.KinesisDataStreams)


def replicate(event: dict[str, Any], context: Any) -> Any:
    """Keep the newest state of each task."""
    return process_partial_response(event, _replicate_one, processor, context)


def record(event: dict[str, Any], context: Any) -> Any:
    """Keep each change as a row of its own."""
    return process_partial_response(event, _record_one, processor, context)


def index(event: dict[str, Any], context: Any) -> Any:
    """Keep the newest state of each task in a search index."""
    return process_partial_response(event, _index_one, processor, context)


def _replicate_one(record: KinesisStreamRecord) -> None:
    change, at = _change(record)
    newer = Attr("watermark").not_exists() | Attr("watermark").lt(at)
    _table(os.environ["REPLICA_TABLE"]).put_item(Item={**change.new_image, "watermark": at}, ConditionExpression=newer)


def _record_one(record: KinesisStreamRecord) -> None:
    change, at = _change(record)
    keys = change.keys
    _table(os.environ["TASK_HISTORY_TABLE"]).put_item(
        Item={
            "task": f"{keys['listId']}/{keys['taskId']}",
            "revision": at,
            "oldImage": change.old_image,
            "newImage": change.new_image,
        }
    )


def _index_one(record: KinesisStreamRecord) -> None:
    change, at = _change(record)
    keys = change.keys
    path = f"/{os.environ['SEARCH_INDEX']}/_doc/{keys['listId']}%2F{keys['taskId']}?version={at}&version_type=external"
    _search().send("PUT", path, json.dumps(change.new_image, default=float).encode())


def _change(record: KinesisStreamRecord) -> tuple[Any, str]:
    captured = DynamoDBRecord(record.kinesis.data_as_json())
    return captured.dynamodb, str(captured["dynamodb"]["ApproximateCreationDateTime"])


@cache
def _search() -> SignedHttp:
    return SignedHttp(os.environ["SEARCH_ENDPOINT"], "es", os.environ["AWS_REGION"])


@cache
def _table(name: str) -> Any:
    resource: Any = boto3.resource
    return resource("dynamodb").Table(name)
