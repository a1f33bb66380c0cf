"""Keeps every task that expired as it last was: one row for each time that DynamoDB's TTL removed it."""

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
from changestream.core.errors import PoisonRecord
from changestream.core.view_type import WITH_OLD_IMAGES
from changestream.wire import table_stream
from changestream.wire.batch import Record
from changestream.wire.stored_images import stored
from changestream.wire.table_stream import is_time_to_live
from tasks.task import is_task
from tasks.task_name import task_name

VIEW_TYPES = WITH_OLD_IMAGES
"""Of the table's stream: only the old image has what a deletion removed."""

logger = Logger()
metrics = Metrics()


@logger.inject_lambda_context
@metrics.log_metrics(capture_cold_start_metric=True)
def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Archive a batch of the table's stream; answer with the first record that is not done."""
    table_stream.require_view_type(event["Records"], VIEW_TYPES)
    batch = table_stream.decode(event["Records"], is_task, has_expired)
    outcome = consumer().consume(batch, Deadline.of(context))
    return report_batch(logger, metrics, outcome, batch.changes)


@cache
def consumer() -> RevisionConsumer:
    """Build the consumer from the environment, on the first invocation."""
    table = RevisionTable(client("dynamodb"), os.environ["ARCHIVED_TASKS_TABLE"])
    return RevisionConsumer(table, ("task", "position"), archived)


def has_expired(record: Record) -> bool:
    """Tell what TTL removed from what a caller deleted: recovery brings whole ranges, past the mapping's filter."""
    return is_time_to_live(record.get("userIdentity"))


def archived(change: Change) -> Row:
    """Return the row of a deletion, made of it alone, so that writing it again is writing the same.

    Its key is the task with the position of the deletion: a task may come back and expire again.

    The image is kept as it was, well-formed task or not: nobody has another copy, and nobody can write the task
    properly any more. ``archivedAt`` is left out if the record carries no time. Raises ``PoisonRecord`` if there is no
    image.
    """
    if change.old_image is None:
        raise PoisonRecord(
            "a task that expired, without its old image: the stream's view type has to include old images"
        )
    return {
        "task": {"S": task_name(change.keys["listId"]["S"], change.keys["taskId"]["S"])},
        "position": {"S": change.position},
        "listId": change.keys["listId"],
        "taskId": change.keys["taskId"],
        "eventId": {"S": change.event_id},
        **({} if change.time is None else {"archivedAt": {"N": f"{change.time:.0f}"}}),
        **stored({"image": change.old_image}),
    }
