"""The failed batches that messages lead to, with the records that they point to, read again."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from time import monotonic, sleep, time
from typing import Any

from changestream.core.deadline import Deadline
from changestream.core.errors import ChangestreamError, MalformedMessage
from changestream.core.failed_batch import FailedBatch
from changestream.recovery.consumers import Consumers
from changestream.recovery.failed_batches import FailedBatches
from changestream.recovery.function import ConsumerFunction
from changestream.recovery.record_source import RecordSource
from changestream.recovery.refetch import Gap
from changestream.recovery.stream_state import StreamStates
from changestream.wire.envelope import Enclosed, Nothing, Several, opened
from streamctl.reading.peek import Message
from streamctl.reading.records import record_reader
from streamctl.reading.seen import Seen
from streamctl.scope import failed_batches_bucket
from streamctl.stack import Stack

REFETCH_SECONDS = 20
"""For the records of one batch; what takes longer is left to recovery, which has more time."""


@dataclass(frozen=True, slots=True)
class WaitingFailure:
    """What a message is about. ``envelope`` says how it came, ``problem`` what is wrong with message or records."""

    message: Message
    envelope: str
    batch: FailedBatch | None = None
    records: Sequence[Seen] = ()
    gaps: Sequence[Gap] = ()
    problem: str | None = None


class Failures:
    """Reads what messages lead to, in all the envelopes that recovery knows; nothing is changed by it."""

    def __init__(self, stack: Stack, *, refetch: bool) -> None:
        self._stack = stack
        self._refetch = refetch
        self._seen = record_reader(stack)
        self._batches = FailedBatches(stack.client("s3"), failed_batches_bucket(stack))
        self._source = RecordSource(stack.client, StreamStates(stack.client, time), time, sleep)

    def of(self, message: Message) -> Iterator[WaitingFailure]:
        """Give the failures in a message: one, or one for each object that a notification of S3 tells of."""
        yield from self._in(message, message.body)

    def _in(self, message: Message, body: str) -> Iterator[WaitingFailure]:
        try:
            enclosed = opened(body)
            match enclosed:
                case Nothing():
                    yield WaitingFailure(message, "s3 test event")
                case Several(bodies=bodies, problems=problems):
                    for each in bodies.values():
                        yield from self._in(message, each)
                    yield from (WaitingFailure(message, "unknown", problem=problem) for problem in problems)
                case Enclosed():
                    yield self._read(message, enclosed)
        except MalformedMessage as error:
            yield WaitingFailure(message, "unknown", problem=error.reason)

    def _read(self, message: Message, enclosed: Enclosed) -> WaitingFailure:
        envelope = f"object {enclosed.stored}" if enclosed.stored else "message"
        try:
            batch = self._batches.read(enclosed).batch
        except ChangestreamError as error:
            return WaitingFailure(message, envelope, problem=error.reason)
        if not self._refetch:
            return WaitingFailure(message, envelope, batch)
        try:
            reading = self._source.read(batch, self._function(batch), self._deadline(), urgent=False)
            stretches = list(reading.stretches)
        except ChangestreamError as error:
            return WaitingFailure(message, envelope, batch, problem=f"its records: {error.reason}")
        records = [record for stretch in stretches for record in stretch.records]
        gaps = [gap for stretch in stretches for gap in stretch.gaps]
        found = self._seen(batch.kind, batch.stream_arn, batch.shard_id, records)
        return WaitingFailure(message, envelope, batch, found, gaps)

    def _function(self, batch: FailedBatch) -> ConsumerFunction:
        """Only asked for its role, which stands in records of Kinesis; it is never invoked from here."""
        arn = batch.function_arn
        return ConsumerFunction(self._stack.client("lambda"), arn, self._deadline(), Consumers((arn,), 0))

    def _deadline(self) -> Deadline:
        ends = monotonic() + REFETCH_SECONDS
        return Deadline(lambda: ends - monotonic(), 0)


def document(failure: WaitingFailure) -> dict[str, Any]:
    """Return what ``--json`` writes of a failure."""
    return {
        "messageId": failure.message.message_id,
        "receiveCount": failure.message.received,
        "envelope": failure.envelope,
        "problem": failure.problem,
        "batch": failure.batch and _batch(failure.batch),
        "records": [each.document() for each in failure.records],
        "gaps": [
            {"after": gap.after and gap.after.text, "before": gap.before and gap.before.text} for gap in failure.gaps
        ],
    }


def _batch(batch: FailedBatch) -> dict[str, Any]:
    return {
        "functionArn": batch.function_arn,
        "condition": batch.condition,
        "invokeCount": batch.invoke_count,
        "discardedAt": batch.discarded_at,
        "streamArn": batch.stream_arn,
        "shardId": batch.shard_id,
        "startSequenceNumber": batch.start.text,
        "endSequenceNumber": batch.end.text,
        "batchSize": batch.batch_size,
        "firstArrival": batch.first_arrival,
        "hasPayload": batch.has_payload,
    }
