"""What recovery logs and measures of every message."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from typing import Any

from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.metrics import MetricUnit

from changestream.core.errors import ChangestreamError, MalformedMessage, ObjectGone
from changestream.core.failed_batch import Damaged, FailedBatch, ParkReason
from changestream.recovery.recovery_report import NewlyParked, RecoveryReport

METRICS: Mapping[ParkReason, str] = {
    ParkReason.POISON: "ParkedPoison",
    ParkReason.CRASH: "ParkedCrash",
    ParkReason.UNAVAILABLE: "ParkedUnavailable",
    ParkReason.EXPIRED: "Expired",
    ParkReason.SHARD_GONE: "ShardGone",
    ParkReason.STREAM_GONE: "StreamGone",
    ParkReason.FUNCTION_GONE: "FunctionGone",
    ParkReason.FUNCTION_REFUSED: "FunctionRefused",
    ParkReason.OVER_LARGE: "OverLarge",
    ParkReason.MALFORMED_MESSAGE: "MalformedMessage",
    ParkReason.OBJECT_GONE: "ObjectGone",
    ParkReason.SECURED: "SecuredUndelivered",
}
"""What each reason is counted as, in objects."""


def coordinates(batch: FailedBatch) -> dict[str, str]:
    """Return where a batch lies, as every log line names it."""
    return {
        "function": batch.function_name,
        "stream": batch.stream_arn,
        "shard": batch.shard_id,
        "start": batch.start.text,
        "end": batch.end.text,
    }


def report_recovery(logger: Logger, metrics: Metrics, batch: FailedBatch, report: RecoveryReport) -> None:
    """Tell what became of a batch; as an error where a person or another round has to see to some of it.

    Each object that stays in the parking lot has a line and a metric of its own, whatever a range of many of them says.
    """
    metrics.add_metric("Refetched", MetricUnit.Count, 0 if batch.has_payload else report.records)
    metrics.add_metric("Recovered", MetricUnit.Count, report.applied)
    metrics.add_metric("RecoveredSuperseded", MetricUnit.Count, report.superseded)
    metrics.add_metric("ParkedObjects", MetricUnit.Count, len(report.parked))
    objects = Counter(parked.reason for parked in report.parked)
    for reason, count in ({ParkReason.EXPIRED: 0} | objects).items():
        metrics.add_metric(METRICS[reason], MetricUnit.Count, count)
    metrics.add_metric("LeftForLater", MetricUnit.Count, int(report.left is not None))
    metrics.add_metric("SecuredObjects", MetricUnit.Count, report.secured)
    line: dict[str, Any] = coordinates(batch) | {
        "hours_before_trim": report.hours_before_trim,
        "records": report.records,
        "source": "payload" if batch.has_payload else "stream",
        "calls": report.calls,
        "invocations": report.invocations,
        "applied": report.applied,
        "superseded": report.superseded,
        "secured": report.secured,
        "parked": {reason.value: count for reason, count in objects.items()},
    }
    if report.left:
        line |= {"left_from": report.left.start.text, "left": report.left.records, "reason": report.left.error.reason}
    if isinstance(batch.payload, Damaged):
        line |= {"payload_damage": batch.payload.reason}
    if report.left or len(report.parked) > objects[ParkReason.POISON]:
        logger.error("batch recovered in part", extra=line)
    else:
        logger.info("batch recovered", extra=line)
    for parked in report.parked:
        logger.warning("parked", extra=coordinates(batch) | _object(parked))


def report_urgency(metrics: Metrics, hours: Iterable[float | None]) -> None:
    """Publish how long the streams still keep what is to be recovered: of several batches the most urgent."""
    known = [one for one in hours if one is not None]
    if known:
        metrics.add_metric("HoursBeforeTrim", MetricUnit.NoUnit, min(known))


def report_wait(metrics: Metrics, seconds: Collection[float]) -> None:
    """Publish how long the messages have been on their queue: of several the longest.

    The queue's own ``ApproximateAgeOfOldestMessage`` leaves out a message that was received three times and is still
    there (SQS Developer Guide, "Available CloudWatch metrics"), and that is every one that recovery keeps trying.
    """
    metrics.add_metric("WaitedSeconds", MetricUnit.Seconds, max(seconds))


def _object(parked: NewlyParked) -> dict[str, str]:
    return {"key": parked.key, "reason": parked.reason.value, "told": parked.message}


def report_malformed(
    logger: Logger, metrics: Metrics, message: dict[str, Any], key: str, error: MalformedMessage
) -> None:
    """Tell that a message which leads to no batch has been parked itself."""
    reason = ParkReason.OBJECT_GONE if isinstance(error, ObjectGone) else ParkReason.MALFORMED_MESSAGE
    metrics.add_metric("ParkedObjects", MetricUnit.Count, 1)
    metrics.add_metric(METRICS[reason], MetricUnit.Count, 1)
    found = {name: value for name, value in error.found.items() if name != "content"}
    line = {"message_id": message["messageId"], "key": key, "reason": error.reason} | found
    logger.error("message parked", extra=line)


def report_failure(logger: Logger, metrics: Metrics, message: dict[str, Any], error: Exception) -> None:
    """Tell that a message has to come back: what went wrong, and all that the message says."""
    metrics.add_metric("NotRecovered", MetricUnit.Count, 1)
    logger.error(
        "batch not recovered; the message comes back",
        exc_info=None if isinstance(error, ChangestreamError) else error,
        extra={
            "message_id": message["messageId"],
            "attributes": message.get("attributes"),
            "reason": str(error),
            "body": message["body"],
        },
    )
