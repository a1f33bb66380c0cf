"""Measures, per list and tumbling window, the changes of tasks, and how long tasks were open once they are done."""

import os
from collections.abc import Collection, Sequence
from functools import cache, partial, reduce
from typing import Any

from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.typing import LambdaContext

from changestream.aws.clients import client
from changestream.aws.failed_range import FailedRanges
from changestream.aws.revision_consumer import RevisionConsumer
from changestream.aws.revision_table import RevisionTable
from changestream.aws.telemetry import report_batch
from changestream.aws.window_consumer import Invocation, Rules, WindowConsumer
from changestream.aws.window_telemetry import report_window
from changestream.core.change import Change
from changestream.core.deadline import Deadline
from changestream.core.tumbling import Gathered
from changestream.wire import kinesis_capture, window_event
from tasks import measure_row
from tasks.measure_row import Row
from tasks.measures import Measures, measure
from tasks.observation import Completion, MeasuredKind
from tasks.task import is_task, task_after
from tasks.task_measure import observe

logger = Logger()
metrics = Metrics()


@logger.inject_lambda_context
@metrics.log_metrics(capture_cold_start_metric=True)
def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Gather a batch of captured changes in its window; what recovery brings, without one, becomes rows at once."""
    batch = kinesis_capture.decode(event["Records"], is_task, os.environ["TASKS_TABLE"])
    window = window_event.window(event)
    if window is None:
        outcome = bare_consumer().consume(batch, Deadline.of(context))
        return report_batch(logger, metrics, outcome, batch.changes)
    state, span = window_event.state(event), window_event.span(event)
    metrics.add_metric("WindowsEnded", MetricUnit.Count, int(window.ends))
    invocation = Invocation(window, state, span, context.invoked_function_arn, context.aws_request_id)
    gathered = consumer().consume(invocation, batch, Deadline.of(context))
    report_window(logger, metrics, invocation, gathered)
    report_tasks(gathered.published.values())
    return report_batch(logger, metrics, gathered.batch, batch.changes) | {"state": gathered.state}


def report_tasks(groups: Collection[Gathered]) -> None:
    """Add a published window's figures as metrics: over all lists, because a dimension for each would be costly."""
    if not groups:
        return
    figures = reduce(Measures.merge, (measure(gathered.observations) for gathered in groups))
    counts = {
        "TasksInserted": figures.kinds[MeasuredKind.INSERTED],
        "TasksModified": figures.kinds[MeasuredKind.MODIFIED],
        "TasksRemovedByCaller": figures.kinds[MeasuredKind.REMOVED],
        "TasksRemovedByTimeToLive": figures.kinds[MeasuredKind.EXPIRED],
        "TasksChanged": figures.tasks,
        "TasksCompleted": figures.completions[Completion.TIMED],
        "LateChanges": figures.late,
    }
    for name, count in counts.items():
        metrics.add_metric(name, MetricUnit.Count, count)
    if figures.mean_seconds is not None and figures.p95_seconds is not None:
        metrics.add_metric("OpenSecondsMean", MetricUnit.Seconds, figures.mean_seconds)
        metrics.add_metric("OpenSecondsP95", MetricUnit.Seconds, figures.p95_seconds)


@cache
def consumer() -> WindowConsumer:
    """Build the consumer of windows from the environment, on the first invocation."""
    ranges = FailedRanges(partial(client, "sqs"), os.environ["FAILED_BATCHES_QUEUE_URL"])
    return WindowConsumer(table(), ranges, Rules(list_of, observed, rows))


@cache
def bare_consumer() -> RevisionConsumer:
    """Build the consumer of records that come without a window: a row for each change."""
    return RevisionConsumer(table(), ("listId", "window"), row)


def table() -> RevisionTable:
    """Return the view."""
    return RevisionTable(client("dynamodb"), os.environ["TASK_MEASURES_TABLE"])


def list_of(change: Change) -> str:
    """Return the list that the change is counted for."""
    list_id: str = change.keys["listId"]["S"]
    return list_id


def observed(change: Change, window_start: float) -> bytes:
    """Return what is kept of a change. Raises ``PoisonRecord`` for a change that left no well-formed task."""
    task_after(change)
    return observe(change, window_start).packed()


def rows(list_id: str, window_start: float, gathered: Gathered) -> Sequence[Row]:
    """Return the rows of a list in a window."""
    return list(measure_row.rows(list_id, window_start, gathered, int(os.environ["MEASURE_DAYS"])))


def row(change: Change) -> Row:
    """Return the row of a single change, in the window of the time at which it was made: it is never late."""
    seconds = int(os.environ["MEASURE_WINDOW_SECONDS"])
    start = change.occurred_at // seconds * seconds
    gathered = Gathered()
    gathered.gather([observed(change, start)])
    (single,) = rows(list_of(change), start, gathered)
    return single
