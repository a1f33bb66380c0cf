"""Writes an invoice for each new order."""

import os
from typing import Any

import boto3
from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.batch import BatchProcessor, EventType, process_partial_response
from aws_lambda_powertools.utilities.batch.types import PartialItemFailureResponse
from aws_lambda_powertools.utilities.data_classes.dynamo_db_stream_event import DynamoDBRecord
from aws_lambda_powertools.utilities.typing import LambdaContext

CURRENCIES = os.environ["CURRENCIES"].split(",")

logger = Logger()
processor = BatchProcessor(event_type=EventType.DynamoDBStreams)
invoices = boto3.resource("dynamodb").Table(os.environ["INVOICES_TABLE"])


def record_handler(record: DynamoDBRecord) -> None:
    if record.event_name is None or record.event_name.name != "INSERT" or record.dynamodb is None:
        return
    order = record.dynamodb.new_image
    if order["currency"] not in CURRENCIES:
        raise ValueError(f"order {order['orderId']}: no invoice can be in {order['currency']}")
    invoices.put_item(Item={"orderId": order["orderId"], "amount": order["amount"], "currency": order["currency"]})


@logger.inject_lambda_context
def lambda_handler(event: dict[str, Any], context: LambdaContext) -> PartialItemFailureResponse:
    return process_partial_response(event, record_handler, processor, context)
