"""What recovery logs and measures of every message."""

from typing import Any

from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.metrics import MetricUnit

from changestream.aws.recovery import RecoveryReport
from changestream.core.errors import ChangestreamError, MalformedMessage
from changestream.core.failed_batch import Damaged, FailedBatch, ParkReason


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
    """Tell what became of a batch; as an error where a person or another round has to see to some of it."""
    metrics.add_metric("Refetched", MetricUnit.Count, report.records if report.calls else 0)
    metrics.add_metric("Recovered", MetricUnit.Count, report.applied)
    metrics.add_metric("ParkedObjects", MetricUnit.Count, len(report.parked))
    metrics.add_metric("Expired", MetricUnit.Count, report.parked_for(ParkReason.EXPIRED))
    line: dict[str, Any] = coordinates(batch) | {
        "records": report.records,
        "source": "stream" if report.calls else "payload",
        "calls": report.calls,
        "invocations": report.invocations,
        "applied": report.applied,
        "parked": [
            {"key": key, "reason": parked.reason.value, "message": parked.message} for key, parked in report.parked
        ],
    }
    if report.left:
        line |= {"left_from": report.left.start.text, "left": report.left.records, "reason": report.left.error.reason}
    if isinstance(batch.payload, Damaged):
        line |= {"payload_damage": batch.payload.reason}
    if report.left or len(report.parked) > report.parked_for(ParkReason.POISON):
        logger.error("batch recovered in part", extra=line)
    else:
        logger.info("batch recovered", extra=line)


def report_malformed(
    logger: Logger, metrics: Metrics, message: dict[str, Any], key: str, error: MalformedMessage
) -> None:
    """Tell that a message which leads to no batch has been parked itself."""
    metrics.add_metric("ParkedObjects", MetricUnit.Count, 1)
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
            "received": message["attributes"]["ApproximateReceiveCount"],
            "reason": str(error),
            "body": message["body"],
        },
    )
