"""FunctionResponseTypes: what an invocation's answer says about its batch.

Rules of the developer guide's pages on batch failure reporting; what makes a response malformed is as
recorded from AWS, and where no recording exists, one identifier that the batch lacks fails it whole.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class Outcome(StrEnum):
    SUCCESS = "success"
    PARTIAL = "partial"
    ERROR = "error"
    THROTTLED = "throttled"
    MALFORMED = "malformed"


@dataclass(frozen=True, slots=True)
class ResponseVerdict:
    """`failed` are the indexes, ascending, of the records that a partial response names."""

    outcome: Outcome
    failed: tuple[int, ...] = ()


_SUCCESS = ResponseVerdict(Outcome.SUCCESS)
_MALFORMED = ResponseVerdict(Outcome.MALFORMED)


def interpret[T](
    function_error: str | None,
    response: Any,
    records: Sequence[T],
    identifier: Callable[[T], str],
    *,
    report_batch_item_failures: bool,
) -> ResponseVerdict:
    """Judge an answer; without ReportBatchItemFailures any return value is success."""
    if function_error is not None:
        return ResponseVerdict(Outcome.ERROR)
    if not report_batch_item_failures or response is None or response in ("", [], {}):
        return _SUCCESS
    if not isinstance(response, dict):
        return _MALFORMED
    failures = response.get("batchItemFailures")
    if failures is None or failures == []:
        return _SUCCESS
    if not isinstance(failures, list):
        return _MALFORMED
    return _judge_failures(failures, {identifier(record): index for index, record in enumerate(records)})


def _judge_failures(failures: list[Any], indexes: dict[str, int]) -> ResponseVerdict:
    failed = set()
    for failure in failures:
        named = failure.get("itemIdentifier") if isinstance(failure, dict) else None
        if not isinstance(named, str) or named not in indexes:
            return _MALFORMED
        failed.add(indexes[named])
    return ResponseVerdict(Outcome.PARTIAL, tuple(sorted(failed)))
