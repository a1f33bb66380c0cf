"""Brings the records of failed batches back: refetched from their shard, delivered again to the function that failed
on them, and parked with their payload where they still fail."""

import os
from functools import cache
from time import time
from typing import Any

from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.typing import LambdaContext

from changestream.aws.clients import client, invoking_client
from changestream.aws.message_lease import MessageLease
from changestream.aws.parking_lot import ParkingLot
from changestream.aws.recovery import Left, Recovery
from changestream.aws.recovery_telemetry import coordinates, report_failure, report_malformed, report_recovery
from changestream.core.deadline import Deadline
from changestream.core.errors import MalformedMessage, OutOfTime
from changestream.core.rounds import is_last_round, pause_seconds
from changestream.wire.failure_message import failed_batch, narrowed

CONSUMER_SECONDS = 60
"""The longest time-out of a consumer in template.yaml."""

DELIVERY_SECONDS = 15
"""What an invocation may take beside that, a cold start most of all. No redelivery begins with less than both left."""

Message = dict[str, Any]

logger = Logger()
metrics = Metrics()


@logger.inject_lambda_context
@metrics.log_metrics(capture_cold_start_metric=True)
def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Recover a batch of on-failure messages; answer with those that have to come back."""
    messages, deadline, failures = event["Records"], Deadline.of(context), []
    metrics.add_metric("FailedBatches", MetricUnit.Count, len(messages))
    with held(messages) as lease:
        for message in messages:
            try:
                settle(message, deadline)
            except Exception as error:  # one message's failure is its own: the others go on
                report_failure(logger, metrics, message, error)
                failures.append({"itemIdentifier": message["messageId"]})
                lease.give_back(message["receiptHandle"], pause_seconds(receipts(message)))
    return {"batchItemFailures": failures}


def settle(message: Message, deadline: Deadline) -> None:
    """Recover what the message points to, or park the message itself where it points to nothing.

    Returns once the message has served its purpose: what is left of its range is on the queue as another message.
    """
    try:
        batch = failed_batch(message["body"])
    except MalformedMessage as error:
        key = parking_lot().park_message(message["messageId"], message["body"], error.reason)
        report_malformed(logger, metrics, message, key, error.reason)
        return
    logger.info("recovering", extra=coordinates(batch) | {"condition": batch.condition})
    sent_at = int(message["attributes"]["SentTimestamp"]) / 1000
    last_round = is_last_round(batch.discarded_at, sent_at, time())
    report = recovery().recover(batch, deadline, last_round=last_round)
    report_recovery(logger, metrics, batch, report)
    if report.left and report.left.start == batch.start:
        raise report.left.error
    if report.left:
        send_rest(message, report.left)


def send_rest(message: Message, left: Left) -> None:
    """Put the rest of a range on the queue: at once where only time was short, after a pause where work was refused."""
    client("sqs").send_message(
        QueueUrl=os.environ["FAILED_BATCHES_QUEUE_URL"],
        MessageBody=narrowed(message["body"], left.start, left.records),
        DelaySeconds=0 if isinstance(left.error, OutOfTime) else pause_seconds(receipts(message)),
    )


def receipts(message: Message) -> int:
    """Return how often the queue has delivered the message, this time included."""
    return int(message["attributes"]["ApproximateReceiveCount"])


def held(messages: list[Message]) -> MessageLease:
    """Hold the messages while they are worked on."""
    return MessageLease(
        client("sqs"),
        os.environ["FAILED_BATCHES_QUEUE_URL"],
        [message["receiptHandle"] for message in messages],
        lambda reason: logger.warning("lease not renewed", extra={"reason": reason}),
    )


@cache
def parking_lot() -> ParkingLot:
    """Build the parking lot from the environment, when first needed."""
    return ParkingLot(client("s3"), os.environ["PARKED_RECORDS_BUCKET"])


@cache
def recovery() -> Recovery:
    """Build the recovery from the environment, on the first batch."""
    seconds = CONSUMER_SECONDS + DELIVERY_SECONDS
    return Recovery(client, invoking_client(seconds), parking_lot(), seconds)
