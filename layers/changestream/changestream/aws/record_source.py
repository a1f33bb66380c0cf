"""Where the records of a failed batch come from: the payload that came with it, or its shard."""

from collections.abc import Callable
from typing import Any

from changestream.aws.function import ConsumerFunction
from changestream.aws.refetch import Refetch, Refetched
from changestream.aws.shard_reader import KinesisReader, ShardReader, TableStreamReader
from changestream.core.deadline import Deadline
from changestream.core.errors import FunctionGone
from changestream.core.failed_batch import Damaged, EventRecord, FailedBatch, StreamKind
from changestream.core.sequence_number import SequenceNumber
from changestream.wire import lambda_event


class RecordSource:
    """Gives the records of failed batches; ``client_of`` returns the boto3 client of a service."""

    def __init__(self, client_of: Callable[[str], Any]) -> None:
        self._client_of = client_of

    def records(
        self, batch: FailedBatch, function: ConsumerFunction, deadline: Deadline
    ) -> tuple[Refetched, FunctionGone | None]:
        """Return the records, and the error where no function is there to take them: they are secured all the same.

        A payload needs no stream: its records are neither trimmed nor read beside the readers of the shard. A damaged
        one is as good as none. Raises ``SourceGone``, ``OutOfTime`` or ``TransientError``.
        """
        if batch.payload is not None and not isinstance(batch.payload, Damaged):
            return Refetched(list(batch.payload)), None
        gone, role_arn = None, ""
        reader: ShardReader
        if batch.kind is StreamKind.DYNAMODB:
            reader = TableStreamReader(self._client_of("dynamodbstreams"), batch)
        else:
            try:
                role_arn = function.role_arn()
            except FunctionGone as error:
                gone = error
            reader = KinesisReader(self._client_of("kinesis"), batch, role_arn)
        return Refetch(reader, batch, sequence_number, deadline).run(), gone


def sequence_number(record: EventRecord) -> SequenceNumber:
    """Return a record's sequence number, whichever stream it is from."""
    return SequenceNumber.parse(lambda_event.sequence_number(record))
