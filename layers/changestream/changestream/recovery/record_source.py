"""Where the records of a failed batch come from: the payload that came with it, or its shard."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

from changestream.core.deadline import Deadline
from changestream.core.errors import FunctionGone, SourceGone, StreamGone, TransientError
from changestream.core.failed_batch import Damaged, EventRecord, FailedBatch, StreamKind
from changestream.core.sequence_number import SequenceNumber
from changestream.recovery.function import ConsumerFunction
from changestream.recovery.refetch import Refetch, Stretch
from changestream.recovery.shard_pace import ShardPace
from changestream.recovery.shard_reader import KinesisReader, ShardReader, TableStreamReader
from changestream.recovery.stream_state import StreamStates
from changestream.wire import lambda_event


@dataclass(frozen=True, slots=True)
class BatchReading:
    """A batch being read: its stretches, to be gone through once, and how many ``calls`` that has taken so far.

    ``gone`` is the error where no function is there to take the records: they are to be secured all the same. Going on
    raises ``SourceGone``, which is ``StreamGone`` where it is not the shard alone, ``OutOfTime`` or ``TransientError``.
    """

    stretches: Iterator[Stretch]
    calls: Callable[[], int]
    gone: FunctionGone | None = None


class RecordSource:
    """Gives the records of failed batches; ``client_of`` returns the boto3 client of a service.

    ``clock`` returns epoch seconds, and ``pause`` waits: reads of a shard are kept apart.
    """

    def __init__(
        self,
        client_of: Callable[[str], Any],
        streams: StreamStates,
        clock: Callable[[], float],
        pause: Callable[[float], None],
    ) -> None:
        self._client_of = client_of
        self._streams = streams
        self._clock = clock
        self._pause = pause

    def read(self, batch: FailedBatch, function: ConsumerFunction, deadline: Deadline, *, urgent: bool) -> BatchReading:
        """Begin to read a batch. Raises ``TransientError`` where nobody says which role the function has.

        A payload needs no stream: its records are neither trimmed nor read beside the readers of the shard. A damaged
        one is as good as none. What is ``urgent`` does not wait for the role, which no function here looks at.
        """
        if batch.payload is not None and not isinstance(batch.payload, Damaged):
            return BatchReading(iter([Stretch(batch.payload)]), lambda: 0)
        gone, role_arn = None, ""
        reader: ShardReader
        if batch.kind is StreamKind.DYNAMODB:
            reader = TableStreamReader(self._client_of("dynamodbstreams"), batch)
        else:
            try:
                role_arn = function.role_arn()
            except FunctionGone as error:
                gone = error
            except TransientError:
                if not urgent:
                    raise
            horizon = partial(self._streams.horizon, batch)
            reader = KinesisReader(self._client_of("kinesis"), batch, role_arn, horizon)
        is_past = partial(self._streams.is_past, batch)
        pace = ShardPace(reader.seconds_between_reads, deadline, self._clock, self._pause)
        refetch = Refetch(reader, batch, sequence_number, pace, is_past)
        return BatchReading(self._told_apart(refetch.stretches(), batch), lambda: refetch.calls, gone)

    def _told_apart(self, stretches: Iterator[Stretch], batch: FailedBatch) -> Iterator[Stretch]:
        """Pass stretches on, and tell a stream that is gone from a shard: the services have one answer for both."""
        try:
            yield from stretches
        except SourceGone as error:
            if self._streams.is_there(batch):
                raise
            raise StreamGone(error.reason) from error


def sequence_number(record: EventRecord) -> SequenceNumber:
    """Return a record's sequence number, whichever stream it is from."""
    return SequenceNumber.parse(lambda_event.sequence_number(record))
