"""One line of log and one set of metrics for every batch."""

import gc
import logging
from collections.abc import Callable, Iterable
from time import time
from typing import Any

from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.metrics import MetricUnit

from changestream.core.batch import BatchOutcome
from changestream.core.change import Change
from changestream.core.position import ORIGIN

# At INFO they tell, at every cold start, where they found what; a batch has one line, and that is ours.
for chatty in ("botocore",):
    logging.getLogger(chatty).setLevel(logging.WARNING)

# A batch is thousands of dicts that live together and go with its answer, none of them in a circle; to look for circles
# among them every 2,000 took a tenth of what a record computes. A call of botocore leaves three small objects in
# circles and no body among them, refused or not, so they are still found often enough.
gc.set_threshold(50_000)


def report_batch(
    logger: Logger,
    metrics: Metrics,
    outcome: BatchOutcome,
    changes: Iterable[Change],
    clock: Callable[[], float] = time,
) -> dict[str, Any]:
    """Log and measure a batch, and return the partial batch response to answer with.

    ``LagSeconds`` is the age of the oldest change in the batch, from its write to the end of this invocation; what a
    backfill brings was written at no time. The traceback of every kind of crash in the batch is logged once.
    """
    times = (change.time for change in changes if change.position != ORIGIN)
    lag = max((clock() - time for time in times if time is not None), default=0.0)
    metrics.add_metric("Records", MetricUnit.Count, outcome.records)
    metrics.add_metric("Superseded", MetricUnit.Count, outcome.superseded)
    metrics.add_metric("Failed", MetricUnit.Count, len(outcome.failures))
    metrics.add_metric("LagSeconds", MetricUnit.Seconds, max(0.0, lag))
    first = outcome.first_failure
    line: dict[str, Any] = {
        "records": outcome.records,
        "superseded": outcome.superseded,
        "passed_over": outcome.passed_over,
        "failed": len(outcome.failures),
        "lag_seconds": round(max(0.0, lag), 3),
    }
    for bug in {failure.reason: failure.bug for failure in outcome.failures if failure.bug}.values():
        logger.error("the consumer crashed at a record", exc_info=bug)
    if first is None:
        logger.info("batch applied", extra=line)
    else:
        failure = {"first_failed": first.sequence_number, "kind": first.kind.value, "reason": first.reason}
        logger.warning("batch stopped", extra=line | failure)
    return outcome.response()
