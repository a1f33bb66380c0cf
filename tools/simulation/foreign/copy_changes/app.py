"""Copies each change of a table to a row of its own: an ordinary consumer with Powertools' BatchProcessor."""

import os
from typing import Any

import boto3
from aws_lambda_powertools.utilities.batch import BatchProcessor, EventType, process_partial_response

client = boto3.client("dynamodb")
processor = BatchProcessor(event_type=EventType.DynamoDBStreams)


def copy(record: Any) -> None:
    body = record.raw_event["dynamodb"]
    text = body["NewImage"]["description"]["S"] if "NewImage" in body else ""
    row = {"id": {"S": body["SequenceNumber"]}, "description": {"S": text}}
    client.put_item(TableName=os.environ["COPIED_CHANGES_TABLE"], Item=row)


def lambda_handler(event: dict[str, Any], context: Any) -> Any:
    return process_partial_response(event, record_handler=copy, processor=processor, context=context)
