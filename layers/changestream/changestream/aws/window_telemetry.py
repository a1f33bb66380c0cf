"""A line of log for every window, and what is counted of any window. The figures of a domain are the function's."""

from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.metrics import MetricUnit

from changestream.aws.window_consumer import Invocation, WindowOutcome


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
        metrics.add_metric("RepeatedChanges", MetricUnit.Count, sum(gathered.repeated for gathered in groups))
        changes = sum(len(gathered.observations) for gathered in groups)
        logger.info(
            "window published", extra={"groups": len(groups), "changes": changes, "whole": invocation.window.ends}
        )
