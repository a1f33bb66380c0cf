"""Which consumers fail at present: how often in the last minutes, since when, and for what reason.

Two metrics say that a consumer fails. ``Errors`` of its function counts invocations that raised, crashed or timed out.
Its own ``Failed`` counts the failed records of partial batch responses, which Lambda does not count as errors. A third,
``IteratorAge``, says whether it falls behind. The reason is in the function's log, which is read only after a failure.
"""

from collections.abc import Sequence
from itertools import chain, islice
from time import time
from typing import Any

from streamctl.functions import folder_of
from streamctl.reading.failure_log import Failed, failures_since
from streamctl.reading.mappings import DISABLED, FAILED
from streamctl.reading.metrics import MINUTE, MetricStatistic, Point, series
from streamctl.stack import Stack
from streamctl.together import together
from streamctl.words import instant

TOGETHER_SECONDS = 3 * MINUTE
"""Minutes with failures that are no further apart are one trouble: a retry may wait for a minute or more."""

FEWEST_SECONDS, MOST_SECONDS = 30.0, 150.0
"""Between these, a consumer still fails for two and a half times the pause between its last two failures.

Lambda retries with growing pauses. AWS does not publish them.
"""

GROWING_SECONDS = 5 * MINUTE
"""How far back the age is looked for with which the newest is compared."""

Rows = list[dict[str, Any]]


def add_measures(stack: Stack, rows: Rows) -> None:
    """Add ``lagSeconds``, ``lagGrowing`` and ``recentFailures`` to mappings, as CloudWatch has them by function.

    The lag is the age of the last record of the batch furthest behind, in the last minute that had one. It is ``None``
    for a disabled mapping, whose last batch says nothing of what waits now. ``recentFailures`` is ``None`` for a
    consumer without failures in the last minutes.
    """
    metrics = [_metrics(stack, row) for row in rows]
    found, now = iter(series(stack, list(chain.from_iterable(metrics)))), time()
    for row, asked in zip(rows, metrics, strict=True):
        ages, errors, *reported = islice(found, len(asked))
        failed = reported[0] if reported else []
        if row["source"] != FAILED and row["state"] != DISABLED:
            row["lagSeconds"] = round(ages[0][1] / 1000, 1) if ages else None
            row["lagGrowing"] = is_growing(ages)
        row["recentFailures"] = recent(errors, failed, now)


def add_reasons(stack: Stack, rows: Rows) -> None:
    """Add what the logs say of the newest failure. Reads only logs of functions that the metrics say fail."""
    failing = [row for row in rows if row["recentFailures"]]
    found = together(lambda row: failures_since(stack, row["functionName"], row["recentFailures"]), failing)
    for row, failures in zip(failing, found, strict=True):
        if failures:
            row["recentFailures"] |= described(failures, time())


def recent(errors: Sequence[Point], failed: Sequence[Point], now: float) -> dict[str, Any] | None:
    """Return how often a consumer failed, since when without a longer pause, and whether that goes on."""
    minutes = sorted((at for at, value in (*errors, *failed) if value > 0), reverse=True)
    if not minutes:
        return None
    first = minutes[0]
    for each in minutes:
        if first - each > TOGETHER_SECONDS:
            break
        first = each
    return {
        "failedInvocations": round(sum(value for _, value in errors)),
        "failedRecords": round(sum(value for _, value in failed)),
        "since": instant(first),
        "last": instant(min(now, minutes[0] + MINUTE)),
        "ongoing": now - minutes[0] <= TOGETHER_SECONDS,
        "kind": None,
        "reason": None,
    }


def described(failures: Sequence[Failed], now: float) -> dict[str, Any]:
    """Return the newest failure of a log, and whether it is too long ago for the next retry to be still to come."""
    *before, newest = sorted(failures, key=lambda each: each.at)
    pause = newest.at - before[-1].at if before else MINUTE
    patience = min(MOST_SECONDS, max(FEWEST_SECONDS, 2.5 * pause))
    return {
        "last": instant(newest.at),
        "ongoing": now - newest.at <= patience,
        "kind": newest.kind,
        "reason": newest.reason,
    }


def is_growing(ages: Sequence[Point]) -> bool | None:
    """Tell whether the age grows at least half as fast as time passes; ``None`` for fewer than two points."""
    older = [each for each in ages[1:] if ages[0][0] - each[0] <= GROWING_SECONDS]
    if not older:
        return None
    (at, age), (before, was) = ages[0], older[-1]
    return (age - was) / 1000 >= (at - before) / 2


def _metrics(stack: Stack, row: dict[str, Any]) -> list[MetricStatistic]:
    """Return the metrics of a function. A consumer of another stack does not report its failed records here."""
    name = row["functionName"]
    of_lambda = [
        MetricStatistic("AWS/Lambda", "IteratorAge", "FunctionName", name),
        MetricStatistic("AWS/Lambda", "Errors", "FunctionName", name, "Sum"),
    ]
    if stack.is_recovery_alone and name not in stack.functions:
        return of_lambda
    service = folder_of(row["function"])
    return [*of_lambda, MetricStatistic(f"Changestream/{stack.name}", "Failed", "service", service, "Sum")]
