"""A line of log for every window, and its figures as metrics: over all lists, as a dimension for each would be dear."""

from functools import reduce

from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.metrics import MetricUnit

from changestream.aws.window_consumer import Invocation, WindowOutcome
from changestream.core.measures import Measures, measure
from changestream.core.observation import Completion, Kind


def report_window(logger: Logger, metrics: Metrics, invocation: Invocation, outcome: WindowOutcome) -> None:
    """Log and measure what an invocation published and what it handed over.

    Metrics are for watching: an invocation that ends after they were sent, and is taken for failed, sends them again.
    """
    for one in outcome.handed_over:
        metrics.add_metric("HandedOverRecords", MetricUnit.Count, one.span.records)
        logger.warning(
            "handed over to recovery",
            exc_info=one.bug,
            extra={
                "condition": one.condition,
                "shard": invocation.window.shard_id,
                "start": str(one.span.start),
                "end": str(one.span.end),
                "reason": one.reason,
            },
        )
    if outcome.published:
        groups = outcome.published.values()
        figures = reduce(Measures.merge, (measure(gathered.observations) for gathered in groups))
        _add(metrics, figures, sum(gathered.repeated for gathered in groups))
        line = {"groups": len(groups), "changes": figures.changes, "whole": invocation.window.ends}
        logger.info("window published", extra=line)


def _add(metrics: Metrics, figures: Measures, repeated: int) -> None:
    counts = {
        "TasksInserted": figures.kinds[Kind.INSERTED],
        "TasksModified": figures.kinds[Kind.MODIFIED],
        "TasksRemovedByCaller": figures.kinds[Kind.REMOVED],
        "TasksRemovedByTimeToLive": figures.kinds[Kind.EXPIRED],
        "TasksChanged": figures.tasks,
        "TasksCompleted": figures.completions[Completion.TIMED],
        "RepeatedChanges": repeated,
        "LateChanges": figures.late,
    }
    for name, count in counts.items():
        metrics.add_metric(name, MetricUnit.Count, count)
    if figures.mean_seconds is not None and figures.p95_seconds is not None:
        metrics.add_metric("OpenSecondsMean", MetricUnit.Seconds, figures.mean_seconds)
        metrics.add_metric("OpenSecondsP95", MetricUnit.Seconds, figures.p95_seconds)
