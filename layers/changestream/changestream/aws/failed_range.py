"""Handing a stretch of a shard over to recovery, as a mapping does with a batch that it gives up."""

from collections.abc import Callable
from datetime import UTC, datetime
from enum import StrEnum
from time import time
from typing import Any

from changestream.aws.refusals import refusals_translated
from changestream.core.failed_batch import FailedBatch, StreamKind
from changestream.core.tumbling import Span, Window
from changestream.wire.failure_message import composed

PIECE_RECORDS = 1000
"""At most so many records are delivered again in one piece: each becomes a row."""


class Condition(StrEnum):
    """Why a stretch is handed over; stands in the message where a mapping puts its own conditions."""

    POISON = "PoisonInWindow"
    CRASH = "CrashInWindow"
    UNPUBLISHED = "WindowUnpublished"


class FailedRanges:
    """Sends on-failure messages to the queue that recovery reads."""

    def __init__(self, client: Callable[[], Any], queue_url: str, clock: Callable[[], float] = time) -> None:
        self._client = client
        self._queue_url = queue_url
        self._clock = clock

    def send(self, span: Span, window: Window, function_arn: str, request_id: str, condition: Condition) -> None:
        """Have recovery bring the stretch back to the function. Raises ``TransientError`` where the queue refuses."""
        batch = FailedBatch(
            function_arn=function_arn,
            kind=StreamKind.KINESIS,
            stream_arn=window.stream_arn,
            shard_id=window.shard_id,
            start=span.start,
            end=span.end,
            batch_size=min(span.records, PIECE_RECORDS),
            first_arrival=_iso(span.first_arrival),
            last_arrival=_iso(span.last_arrival),
            condition=condition,
            invoke_count=1,
            request_id=request_id,
            discarded_at=_iso(self._clock()),
        )
        with refusals_translated(f"handing {span.records} records over to {self._queue_url}"):
            self._client().send_message(QueueUrl=self._queue_url, MessageBody=composed(batch))


def _iso(moment: float) -> str:
    return datetime.fromtimestamp(moment, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
