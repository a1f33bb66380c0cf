"""How long a stream keeps its records, and whether it is still there: what a batch's range depends on."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from botocore.exceptions import ClientError

from changestream.aws.refusals import error_code, refusals_translated
from changestream.core.errors import ChangestreamError, TransientError, Unprocessable
from changestream.core.failed_batch import FailedBatch, StreamKind

LEAST_RETENTION_HOURS = 24
"""Of a table's stream always, of a Kinesis stream unless it was given more (API reference, ``StreamRetention``)."""

CLOCKS_APART_SECONDS = 300
"""How far the clock here and that of a stream may differ, for whoever must not take a trimmed record for kept."""

KNOWN_FOR_SECONDS = 3600
"""A retention that was looked up. It may be changed meanwhile, rarely, and by no more than a person's doing."""


class StreamStates:
    """Asks streams about themselves. ``client_of`` returns the boto3 client of a service, ``clock`` epoch seconds."""

    def __init__(self, client_of: Callable[[str], Any], clock: Callable[[], float]) -> None:
        self._client_of = client_of
        self._clock = clock
        self._retentions: dict[str, tuple[float, int]] = {}

    def hours_before_trim(self, batch: FailedBatch) -> float | None:
        """Return how long the stream still keeps the batch's first record, negative where its time is over.

        ``None`` where no stream is needed, or the message does not say when the record arrived. Streams trim when they
        come to it, so what is past its time may still be there: only reading tells. Raises nothing.
        """
        if batch.has_payload:
            return None
        arrived = _seconds(batch.first_arrival)
        return None if arrived is None else self._retention_hours(batch) - (self._clock() - arrived) / 3600

    def horizon(self, batch: FailedBatch) -> float:
        """Return the arrival, in epoch seconds, before which the stream may have trimmed records. Raises nothing."""
        return self._clock() - self._retention_hours(batch) * 3600 + CLOCKS_APART_SECONDS

    def is_past(self, batch: FailedBatch) -> bool:
        """Tell whether the time of the batch's last record is over for certain. Raises nothing."""
        arrived = _seconds(batch.last_arrival)
        return arrived is not None and arrived < self.horizon(batch) - 2 * CLOCKS_APART_SECONDS

    def is_there(self, batch: FailedBatch) -> bool:
        """Tell whether the stream exists. Raises ``TransientError`` where nobody answers."""
        try:
            with refusals_translated(f"describing {batch.stream_arn}"):
                self._description(batch)
        except TransientError as error:
            if isinstance(error.__cause__, ClientError) and error_code(error.__cause__) == "ResourceNotFoundException":
                return False
            raise
        except Unprocessable:  # no stream has such a name
            return False
        return True

    def _retention_hours(self, batch: FailedBatch) -> int:
        if batch.kind is StreamKind.DYNAMODB:
            return LEAST_RETENTION_HOURS
        looked_up_at, hours = self._retentions.get(batch.stream_arn, (0.0, 0))
        if not hours or self._clock() - looked_up_at > KNOWN_FOR_SECONDS:
            try:
                with refusals_translated(f"describing {batch.stream_arn}"):
                    hours = self._description(batch)["StreamDescriptionSummary"]["RetentionPeriodHours"]
            except ChangestreamError:  # too early a haste does no harm, and waiting for the answer might
                return LEAST_RETENTION_HOURS
            self._retentions[batch.stream_arn] = self._clock(), hours
        return hours

    def _description(self, batch: FailedBatch) -> Any:
        if batch.kind is StreamKind.DYNAMODB:
            return self._client_of("dynamodbstreams").describe_stream(StreamArn=batch.stream_arn, Limit=1)
        return self._client_of("kinesis").describe_stream_summary(StreamARN=batch.stream_arn)


def _seconds(moment: str) -> float | None:
    try:
        return datetime.fromisoformat(moment).timestamp()
    except (ValueError, OverflowError):
        return None
