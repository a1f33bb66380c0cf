"""Keeps every revision of every well-formed task: what it was, what it became, when, and by whom it was deleted."""

import os
from functools import cache
from typing import Any

from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.utilities.typing import LambdaContext

from changestream.aws.clients import client
from changestream.aws.revision_consumer import RevisionConsumer
from changestream.aws.revision_table import RevisionTable, Row
from changestream.aws.telemetry import report_batch
from changestream.core.change import Change
from changestream.core.deadline import Deadline
from changestream.wire import kinesis_capture
from changestream.wire.stored_images import stored
from tasks.task import is_task, task_after
from tasks.task_name import task_name

logger = Logger()
metrics = Metrics()


@logger.inject_lambda_context
@metrics.log_metrics(capture_cold_start_metric=True)
def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Record a batch of captured changes; answer with the first record that is not done."""
    batch = kinesis_capture.decode(event["Records"], is_task, os.environ["TASKS_TABLE"])
    outcome = consumer().consume(batch, Deadline.of(context))
    return report_batch(logger, metrics, outcome, batch.changes)


@cache
def consumer() -> RevisionConsumer:
    """Build the consumer from the environment, on the first invocation."""
    table = RevisionTable(client("dynamodb"), os.environ["TASK_HISTORY_TABLE"])
    return RevisionConsumer(table, ("task", "revision"), revision)


def revision_key(change: Change) -> tuple[str, str]:
    """Return the key of a change's row: (task, position of the change and digest of what changed).

    A repeat carries the same time and the same images, so it has the same key; a different change never does.
    """
    task = task_name(change.keys["listId"]["S"], change.keys["taskId"]["S"])
    return task, f"{change.position}#{change.digest().hex()[:16]}"


def revision(change: Change) -> Row:
    """Return the row of a change. Raises ``PoisonRecord`` for a change that left no well-formed task.

    Images are kept as they were: the old one may be malformed, and attributes that nobody knows are kept too.
    """
    task_after(change)
    task, revision = revision_key(change)
    row: dict[str, Any] = {
        "task": {"S": task},
        "revision": {"S": revision},
        "listId": change.keys["listId"],
        "taskId": change.keys["taskId"],
        "kind": {"S": change.kind},
        "eventId": {"S": change.event_id},
        "changedAt": {"N": f"{change.occurred_at:.6f}"},
        "byTimeToLive": {"BOOL": change.by_time_to_live},
    }
    images = {"oldImage": change.old_image, "newImage": change.new_image}
    return row | stored({name: image for name, image in images.items() if image is not None})
