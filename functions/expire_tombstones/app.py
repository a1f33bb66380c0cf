"""Removes tombstones from the search index once nothing that they hold off can arrive any more."""

import os
from functools import cache
from time import time
from typing import Any

from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.typing import LambdaContext

from changestream.aws.search_index import SearchAlias
from changestream.core.deadline import Deadline

MOST_AT_ONCE = 1_000
"""Tombstones in one request: a few of the pages that a deletion by query works in, answered within its time-out."""

logger = Logger()
metrics = Metrics()


@logger.inject_lambda_context
@metrics.log_metrics(capture_cold_start_metric=True)
def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:  # noqa: ARG001 - a schedule says nothing
    """Remove what has expired, as much as there is time for; what is left is for the next day."""
    deadline, expired = Deadline.of(context), 0
    try:
        while deadline.seconds_left():
            removed = index().expire_tombstones(int(time()), MOST_AT_ONCE)
            expired += removed
            if removed < MOST_AT_ONCE:
                break
    finally:
        metrics.add_metric("ExpiredTombstones", MetricUnit.Count, expired)
    logger.info("tombstones removed", extra={"tombstones": expired})
    return {"expired": expired}


@cache
def index() -> SearchAlias:
    """Build the index from the environment, on the first invocation."""
    return SearchAlias(os.environ["SEARCH_ENDPOINT"], os.environ["SEARCH_INDEX"], os.environ["AWS_REGION"])
