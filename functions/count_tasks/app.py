"""Keeps, per list, the number of tasks in all and by status, from the table's own stream."""

import os
from functools import cache
from typing import Any

from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.utilities.typing import LambdaContext

from changestream.aws.clients import client
from changestream.aws.tally_consumer import TallyConsumer
from changestream.aws.tally_table import Key, TallyTable
from changestream.aws.telemetry import report_batch
from changestream.core.change import Change
from changestream.core.deadline import Deadline
from changestream.core.view_type import WITH_NEW_IMAGES
from changestream.wire import table_stream
from tasks.task import is_task, task_after

TOTALS_ID = "#totals"
"""Stands where a task id would, in the row of a list's totals; no task id begins with "#"."""

VIEW_TYPES = WITH_NEW_IMAGES
"""Of the table's stream: a task counts as its new image says."""

logger = Logger()
metrics = Metrics()


@logger.inject_lambda_context
@metrics.log_metrics(capture_cold_start_metric=True)
def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Apply a batch of the table's stream; answer with the first record that is not done."""
    table_stream.require_view_type(event["Records"], VIEW_TYPES)
    batch = table_stream.decode(event["Records"], is_task)
    outcome = consumer().consume(batch, Deadline.of(context))
    return report_batch(logger, metrics, outcome, batch.changes)


@cache
def consumer() -> TallyConsumer:
    """Build the consumer from the environment, on the first invocation."""
    table = TallyTable(client("dynamodb"), os.environ["TASK_COUNTS_TABLE"], "listId", "taskId", TOTALS_ID)
    return TallyConsumer(table, task_key, status_after, int(os.environ["TOMBSTONE_DAYS"]))


def task_key(change: Change) -> Key:
    """Return (list, task)."""
    return change.keys["listId"]["S"], change.keys["taskId"]["S"]


def status_after(change: Change) -> str | None:
    """Return the status that the task has after the change, ``None`` for a task that is gone."""
    task = task_after(change)
    return task and task.status
