"""Keeps the search index: the newest state of every task, as a document whose version is the position of its change."""

import os
from collections.abc import Mapping, Sequence
from functools import cache
from time import time
from typing import Any

from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.utilities.typing import LambdaContext

from changestream.aws.bulk_newest_consumer import BulkNewestConsumer, BulkView, Ending
from changestream.aws.search_bulk import DocumentWrite
from changestream.aws.search_index import SearchIndex
from changestream.aws.telemetry import report_batch
from changestream.core.change import Change, ItemKey
from changestream.core.deadline import Deadline
from changestream.core.position import Position, position_of
from changestream.wire import kinesis_capture
from tasks.search_document import SHAPE, document_id, document_of, tombstone_of, version_of
from tasks.task import Task, is_task, task_after

SECONDS_PER_DAY = 86_400

logger = Logger()
metrics = Metrics()


@logger.inject_lambda_context
@metrics.log_metrics(capture_cold_start_metric=True)
def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Index a batch of captured changes; answer with the first record that is not done."""
    batch = kinesis_capture.decode(event["Records"], is_task, os.environ["TASKS_TABLE"])
    outcome = consumer().consume(batch, Deadline.of(context))
    return report_batch(logger, metrics, outcome, batch.changes)


@cache
def consumer() -> BulkNewestConsumer[Task]:
    """Build the consumer from the environment, on the first invocation."""
    index = SearchIndex(os.environ["SEARCH_ENDPOINT"], os.environ["SEARCH_INDEX"], os.environ["AWS_REGION"], SHAPE)
    tombstone_seconds = int(os.environ["TOMBSTONE_DAYS"]) * SECONDS_PER_DAY

    def write(newest: Sequence[tuple[Change, Task | None]], deadline: Deadline) -> Sequence[Ending]:
        # A document that is deleted forgets its version after a minute, so a task that is gone leaves a tombstone.
        expires_at = int(time()) + tombstone_seconds
        writes = [
            DocumentWrite(
                document_id(change.keys),
                version_of(change.position),
                document_of(task) if task else tombstone_of(change.keys, expires_at),
            )
            for change, task in newest
        ]
        return index.bulk(writes, deadline)

    def watermarks(changes: Sequence[Change]) -> Mapping[ItemKey, Position]:
        items = {document_id(change.keys): change.item for change in changes}
        return {items[found]: position_of(version) for found, version in index.versions(list(items)).items()}

    return BulkNewestConsumer(BulkView(write, watermarks), task_after)
