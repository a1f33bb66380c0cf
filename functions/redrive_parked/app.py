"""Delivers parked records again to the function that failed on them, with growing pauses, until they are applied.

Every 15 minutes, all that is due; at once, what somebody asks for: ``{"prefix": "parked/count_tasks/"}`` or
``{"keys": ["parked/…"]}``.
"""

import os
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from time import time
from typing import Any

from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.typing import LambdaContext

from changestream.aws.clients import client, invoking_client
from changestream.core.deadline import Deadline
from changestream.core.quoting import quoted
from changestream.core.redrive import Standing
from changestream.recovery.parked_records import ParkedRecords
from changestream.recovery.redrive import Redrive
from changestream.recovery.redrive_report import RedriveReport
from changestream.recovery.settings import Settings
from changestream.wire.parked_object import PREFIX

logger = Logger()
metrics = Metrics()


@logger.inject_lambda_context
@metrics.log_metrics(capture_cold_start_metric=True)
def lambda_handler(event: Mapping[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Redrive what is due, or what the event asks for; answer with what was done."""
    metrics.add_metric("RedriveRuns", MetricUnit.Count, 1)
    settings = Settings.of(os.environ)
    records = ParkedRecords(client("s3"), settings.parked_records_bucket)
    consumers, rounds = settings.consumers, settings.redrive_rounds
    redrive = Redrive(records, invoking_client(consumers.seconds), consumers, rounds, time, context.aws_request_id)
    keys, asked_for = chosen(event, records)
    report = redrive.run(keys, Deadline.of(context), asked_for=asked_for)
    if not asked_for:  # then all of them have been looked at, or as many as there was time for
        metrics.add_metric("StillParked", MetricUnit.Count, report.still_parked)
    return told(report)


def chosen(event: Mapping[str, Any], records: ParkedRecords) -> tuple[Iterable[str], bool]:
    """Return the keys to look at, and whether somebody asked for them. Raises ``ValueError`` for what is neither."""
    if event.get("source") == "aws.events":
        return records.keys(PREFIX), False
    match event:
        case {"prefix": str(prefix)} if prefix.startswith(PREFIX):
            return records.keys(prefix), True
        case {"keys": [*keys]} if all(isinstance(key, str) and key.startswith(PREFIX) for key in keys):
            return keys, True
    raise ValueError(f'{{"prefix": "{PREFIX}…"}} or {{"keys": ["{PREFIX}…"]}} is expected, not {quoted(event)}')


def told(report: RedriveReport) -> dict[str, Any]:
    """Log and measure a run, and return what it did."""
    metrics.add_metric("Redriven", MetricUnit.Count, report.applied)
    metrics.add_metric("RedriveFailed", MetricUnit.Count, len(report.kept))
    metrics.add_metric("WaitingForPerson", MetricUnit.Count, report.standings[Standing.WAITING])
    metrics.add_metric("UnreadableObjects", MetricUnit.Count, len(report.unreadable))
    line = asdict(report)
    if report.kept or report.unreadable:
        logger.warning("parked records remain", extra=line)
    else:
        logger.info("parked records redriven", extra=line)
    return line
