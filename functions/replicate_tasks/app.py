"""Keeps a copy of every task in another table, which may lie in another region: its newest state wins."""

import os
from functools import cache
from typing import Any

from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.utilities.typing import LambdaContext

from changestream.aws.clients import client_in
from changestream.aws.guarded_table import WATERMARK, GuardedTable
from changestream.aws.newest_consumer import NewestConsumer, View
from changestream.aws.telemetry import report_batch
from changestream.core.change import Change, Image
from changestream.core.deadline import Deadline
from changestream.core.errors import PoisonRecord, UnsuitableStream
from changestream.core.position import Position
from changestream.wire import kinesis_capture
from changestream.wire.attribute_values import to_boto3
from tasks.task import is_task, task_after

logger = Logger()
metrics = Metrics()


@logger.inject_lambda_context
@metrics.log_metrics(capture_cold_start_metric=True)
def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Replicate a batch of captured changes; answer with the first record that is not done."""
    batch = kinesis_capture.decode(event["Records"], is_task, os.environ["TASKS_TABLE"])
    outcome = consumer().consume(batch, Deadline.of(context))
    return report_batch(logger, metrics, outcome, batch.changes)


@cache
def consumer() -> NewestConsumer[Image]:
    """Build the consumer from the environment, on the first invocation."""
    region, replica = os.environ["REPLICA_REGION"], os.environ["REPLICA_TABLE"]
    if replica == os.environ["TASKS_TABLE"] and region == os.environ["AWS_REGION"]:
        raise UnsuitableStream(f"{replica} would be a replica of itself: give ReplicaTableName another table")
    table = GuardedTable(client_in("dynamodb", region), replica, int(os.environ["TOMBSTONE_DAYS"]))

    def write(change: Change, image: Image | None) -> bool:
        return (
            table.bury(change.keys, change.position) if image is None else table.put(to_boto3(image), change.position)
        )

    def watermark(change: Change) -> Position | None:
        return table.watermark(change.keys)

    return NewestConsumer(View(write, watermark), item_after)


def item_after(change: Change) -> Image | None:
    """Return the item of the task after the change, ``None`` for a task that is gone.

    Raises ``PoisonRecord`` for an item that is not a well-formed task, and for one that was replicated already: two
    stacks may replicate to each other's tables.
    """
    image = change.image_after()
    if image and WATERMARK in image:
        raise PoisonRecord("an item that was replicated: replicating it on would send it round in a circle")
    return image if task_after(change) else None
