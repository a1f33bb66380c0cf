"""Brings the records of failed batches back: from the payload or refetched from their shard, delivered again to the
function that failed on them, and parked with their payload where they still fail."""

import os
from functools import cache
from time import time
from typing import Any

from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.typing import LambdaContext

from changestream.aws.clients import client, invoking_client
from changestream.core.deadline import Deadline
from changestream.core.errors import MalformedMessage, OutOfTime
from changestream.core.rounds import pause_seconds, urgency
from changestream.recovery.failed_batches import FailedBatches, GivenUp
from changestream.recovery.message_lease import MessageLease
from changestream.recovery.parking_lot import ParkingLot
from changestream.recovery.recovery import Recovery
from changestream.recovery.recovery_telemetry import (
    coordinates,
    report_failure,
    report_malformed,
    report_recovery,
    report_urgency,
    report_wait,
)
from changestream.recovery.settings import Settings
from changestream.wire.envelope import Enclosed, Nothing, Several, opened
from changestream.wire.failure_message import failed_batch

SEND_SECONDS = 10
"""What one more message may take to be sent: two attempts of five seconds."""

Message = dict[str, Any]

logger = Logger()
metrics = Metrics()


@logger.inject_lambda_context
@metrics.log_metrics(capture_cold_start_metric=True)
def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Recover a batch of on-failure messages, the nearest to trim first; answer with those that have to come back."""
    messages, deadline, failures = event["Records"], Deadline.of(context), []
    metrics.add_metric("FailedBatches", MetricUnit.Count, len(messages))
    report_wait(metrics, [waited_seconds(message) for message in messages])
    with held(messages) as lease:
        hours = {message["messageId"]: hours_before_trim(message) for message in messages}
        report_urgency(metrics, hours.values())
        for message in sorted(messages, key=lambda message: urgency(hours[message["messageId"]])):
            try:
                settle(message, deadline)
            except Exception as error:  # one message's failure is its own: the others go on
                report_failure(logger, metrics, message, error)
                failures.append({"itemIdentifier": message["messageId"]})
                lease.give_back(message["receiptHandle"], pause_seconds(receipts(message)))
    return {"batchItemFailures": failures}


def hours_before_trim(message: Message) -> float | None:
    """Return how long the stream keeps what the message is about, ``None`` where it says so itself nothing of it."""
    try:
        match opened(message["body"]):
            case Enclosed(text=str(text), stored=None):
                return recovery().hours_before_trim(failed_batch(text))
    except MalformedMessage:
        pass
    return None


def settle(message: Message, deadline: Deadline) -> None:
    """Recover what the message leads to, or park the message itself where it leads to nothing.

    Returns once the message has served its purpose: what is left of its range is on the queue as another message.
    """
    try:
        match opened(message["body"]):
            case Nothing():
                logger.info("nothing to recover: S3 tried its notifications out", extra={"body": message["body"]})
            case Several() as several:
                divide(several, deadline)
            case enclosed:
                recover(message, failed_batches().read(enclosed), deadline)
    except MalformedMessage as error:
        key = parking_lot().park_message(message["messageId"], message["body"], error)
        report_malformed(logger, metrics, message, key, error)


def divide(notification: Several, deadline: Deadline) -> None:
    """Put a message for each object on the queue. Raises ``MalformedMessage`` if some entries name no failed batch.

    These get no message of their own: the notification is parked once, for all of them.
    """
    problems, bodies = list(notification.problems), []
    for stored, body in notification.bodies.items():
        try:
            failed_batches().require_of_mapping(stored)
            bodies.append(body)
        except MalformedMessage as error:
            problems.append(error.reason)
    for body in bodies:
        deadline.require(SEND_SECONDS, "one more message")
        send(body, 0)
    logger.info("divided: each object gets a message", extra={"objects": len(bodies)})
    if problems:
        count = len(problems) + len(bodies)
        raise MalformedMessage(
            f"{len(problems)} of the notification's {count} entries lead to no failed batch: {problems[0]}"
        )


def recover(message: Message, given_up: GivenUp, deadline: Deadline) -> None:
    """Bring a batch back, and put the rest of it on the queue; raise what was in the way where that is all of it."""
    batch = given_up.batch
    logger.info("recovering", extra=coordinates(batch) | {"condition": batch.condition})
    last_round = settings().recovery_rounds.is_last(batch.discarded_at, sent_at(message), time())
    report = recovery().recover(batch, deadline, last_round=last_round)
    report_recovery(logger, metrics, batch, report)
    left = report.left
    if left and left.start == batch.start:
        raise left.error
    if left:  # at once where only time was short, after a pause where work was refused
        pause = 0 if isinstance(left.error, OutOfTime) else pause_seconds(receipts(message))
        send(given_up.rest(left.start, left.records), pause)


def send(body: str, delay_seconds: int) -> None:
    """Put a message on the queue that this function reads."""
    client("sqs").send_message(
        QueueUrl=os.environ["FAILED_BATCHES_QUEUE_URL"], MessageBody=body, DelaySeconds=delay_seconds
    )


def sent_at(message: Message) -> float:
    """Return when the message was put on the queue, in epoch seconds; now, if it does not say."""
    try:
        return int(message["attributes"]["SentTimestamp"]) / 1000
    except (KeyError, TypeError, ValueError, OverflowError):
        return time()


def waited_seconds(message: Message) -> float:
    """Return how long the message has been on the queue; 0, if it does not say."""
    return max(0.0, time() - sent_at(message))


def receipts(message: Message) -> int:
    """Return how often the queue has delivered the message, this time included; once, if it does not say."""
    try:
        return int(message["attributes"]["ApproximateReceiveCount"])
    except (KeyError, TypeError, ValueError, OverflowError):
        return 1


def held(messages: list[Message]) -> MessageLease:
    """Hold the messages while they are worked on."""
    return MessageLease(
        client("sqs"),
        os.environ["FAILED_BATCHES_QUEUE_URL"],
        [message["receiptHandle"] for message in messages],
        lambda reason: logger.warning("lease not renewed", extra={"reason": reason}),
    )


@cache
def settings() -> Settings:
    """Read the settings from the environment, when first needed."""
    return Settings.of(os.environ)


@cache
def parking_lot() -> ParkingLot:
    """Build the parking lot, when first needed."""
    return ParkingLot(client("s3"), settings().parked_records_bucket)


@cache
def failed_batches() -> FailedBatches:
    """Build the reader of messages that mappings keep in a bucket, when first needed."""
    return FailedBatches(client("s3"), os.environ.get("FAILED_BATCHES_BUCKET", ""))


@cache
def recovery() -> Recovery:
    """Build the recovery, on the first batch."""
    invoking = invoking_client(settings().consumers.seconds)
    return Recovery(client, invoking, parking_lot(), settings(), lambda: time())
