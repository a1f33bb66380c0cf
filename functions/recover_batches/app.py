"""Brings the records of failed batches back: refetched from their shard, delivered again to the function that failed
on them, and parked with their payload where they still fail."""

import os
import random
from functools import cache
from typing import Any

from aws_lambda_powertools import Logger, Metrics, Tracer
from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.typing import LambdaContext

from changestream.aws.clients import client, invoking_client
from changestream.aws.message_lease import MessageLease
from changestream.aws.parking_lot import ParkingLot
from changestream.aws.recovery import Recovery, RecoveryReport
from changestream.core.deadline import Deadline
from changestream.core.errors import ChangestreamError, MalformedMessage
from changestream.core.failed_batch import FailedBatch, ParkReason
from changestream.wire.failure_message import failed_batch

ANSWER_SECONDS = 5.0
"""Kept back from the time-out to answer in."""

CONSUMER_SECONDS = 60
"""The longest time-out of a consumer in template.yaml."""

DELIVERY_SECONDS = 5
"""What an invocation takes beside that. No redelivery begins with less than both left."""

LAST_ROUND = 8
"""The receipt of a message in which undelivered records are parked; the queue gives up after two more."""

PAUSE_SECONDS = 5
LONGEST_PAUSE_SECONDS = 900

logger = Logger()
tracer = Tracer(patch_modules=("botocore",))
metrics = Metrics()


@logger.inject_lambda_context
@tracer.capture_lambda_handler(capture_response=False)
@metrics.log_metrics(capture_cold_start_metric=True)
def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Recover a batch of on-failure messages; answer with those that have to come back."""
    messages = event["Records"]
    deadline = Deadline.of(context, ANSWER_SECONDS)
    failures = []
    metrics.add_metric("FailedBatches", MetricUnit.Count, len(messages))
    with held(messages) as lease:
        for message in messages:
            try:
                settle(message, deadline)
            except Exception as error:  # one message's failure is its own: the others go on
                report_failure(message, error)
                failures.append({"itemIdentifier": message["messageId"]})
                lease.give_back(message["receiptHandle"], pause_seconds(receive_count(message)))
    return {"batchItemFailures": failures}


def settle(message: dict[str, Any], deadline: Deadline) -> None:
    """Recover what the message points to, or park the message itself where it points to nothing."""
    try:
        batch = failed_batch(message["body"])
    except MalformedMessage as error:
        key = parking_lot().park_message(message["messageId"], message["body"], error.reason)
        metrics.add_metric("Parked", MetricUnit.Count, 1)
        logger.error("message parked", extra={"key": key, "reason": error.reason, "message_id": message["messageId"]})
        return
    logger.info("recovering", extra=coordinates(batch) | {"condition": batch.condition})
    report = recovery().recover(batch, deadline, last_round=receive_count(message) >= LAST_ROUND)
    report_success(batch, report)


def report_success(batch: FailedBatch, report: RecoveryReport) -> None:
    """Log and measure a recovered batch."""
    metrics.add_metric("Refetched", MetricUnit.Count, report.refetched)
    metrics.add_metric("Recovered", MetricUnit.Count, report.applied)
    metrics.add_metric("Parked", MetricUnit.Count, len(report.parked))
    metrics.add_metric("Expired", MetricUnit.Count, report.parked_for(ParkReason.EXPIRED))
    line = {
        "refetched": report.refetched,
        "calls": report.calls,
        "invocations": report.invocations,
        "applied": report.applied,
        "parked": [
            {"key": key, "reason": parked.reason.value, "message": parked.message} for key, parked in report.parked
        ],
    }
    if len(report.parked) > report.parked_for(ParkReason.POISON):
        logger.error("batch recovered in part", extra=coordinates(batch) | line)
    else:
        logger.info("batch recovered", extra=coordinates(batch) | line)


def report_failure(message: dict[str, Any], error: Exception) -> None:
    """Log and measure a message that has to come back: what went wrong, and for which position."""
    metrics.add_metric("NotRecovered", MetricUnit.Count, 1)
    expected = isinstance(error, ChangestreamError)
    logger.error(
        "batch not recovered; the message comes back",
        exc_info=None if expected else error,
        extra={
            "reason": str(error),
            "message_id": message["messageId"],
            "received": receive_count(message),
            "body": message["body"],
        },
    )


def coordinates(batch: FailedBatch) -> dict[str, str]:
    """Return where a batch lies, as every log line names it."""
    return {
        "function": batch.function_name,
        "stream": batch.stream_arn,
        "shard": batch.shard_id,
        "start": batch.start.text,
        "end": batch.end.text,
    }


def receive_count(message: dict[str, Any]) -> int:
    """Return how often the queue has delivered the message, this time included."""
    return int(message["attributes"]["ApproximateReceiveCount"])


def pause_seconds(received: int) -> int:
    """Return how long a message waits for its next round: doubling, spread, bounded."""
    longest = min(LONGEST_PAUSE_SECONDS, PAUSE_SECONDS * 2 ** (received - 1))
    return round(random.uniform(longest / 2, longest))  # noqa: S311 - spreads load only


def held(messages: list[dict[str, Any]]) -> MessageLease:
    """Hold the messages while they are worked on."""
    return MessageLease(
        client("sqs"),
        os.environ["FAILED_BATCHES_QUEUE_URL"],
        [message["receiptHandle"] for message in messages],
        lambda error: logger.warning("lease not renewed", extra={"reason": str(error)}),
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
