"""Reading a shard of either kind of stream, with the services' errors told apart by what can be done about them."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Protocol

from botocore.exceptions import BotoCoreError, ClientError, ParamValidationError

from changestream.aws.refusals import error_code
from changestream.core.errors import ChangestreamError, RecordsExpired, SourceGone, TransientError
from changestream.core.failed_batch import EventRecord, FailedBatch
from changestream.wire import lambda_event

TRIM_HORIZON = "TRIM_HORIZON"
AT_SEQUENCE_NUMBER = "AT_SEQUENCE_NUMBER"
AFTER_SEQUENCE_NUMBER = "AFTER_SEQUENCE_NUMBER"


class ExpiredIterator(ChangestreamError):
    """The iterator was kept too long: take a new one after the last record read. Nothing is lost by that."""


class SequenceNumberRefused(ChangestreamError):
    """The stream does not know the sequence number: read from the oldest record and look whether it still comes."""


@dataclass(frozen=True, slots=True)
class FetchedPage:
    """One answer of GetRecords, its records as Lambda would deliver them.

    ``next_iterator`` is ``None`` once a closed shard is read to its end; ``at_tip`` says that an open one was.
    """

    records: Sequence[EventRecord]
    next_iterator: str | None
    at_tip: bool


class ShardReader(Protocol):
    """One shard, read from anywhere."""

    page_limit: int
    """The most records of one GetRecords call."""

    seconds_between_reads: float
    """From one GetRecords call to the next: as long as a mapping waits between its own."""

    def iterator(self, iterator_type: str, sequence_number: str | None = None) -> str:
        """Return an iterator.

        Raises ``RecordsExpired``, ``SequenceNumberRefused``, ``SourceGone`` or ``TransientError``.
        """
        ...

    def page(self, iterator: str, limit: int) -> FetchedPage:
        """Read on. Raises ``ExpiredIterator``, ``RecordsExpired``, ``SourceGone`` or ``TransientError``."""
        ...

    def may_pass_over(self, arrived: float, /) -> bool:
        """Tell whether reading on after a record that arrived then, in epoch seconds, may pass over trimmed ones."""
        ...


class TableStreamReader:
    """A shard of DynamoDB Streams: 1,000 records or 1 MB a call, iterators live 15 minutes, records 24 hours."""

    page_limit = 1000
    seconds_between_reads = 0.25
    """Lambda polls a shard four times a second (Developer Guide, "Process DynamoDB records with Lambda")."""

    def __init__(self, client: Any, batch: FailedBatch) -> None:
        self._client = client
        self._batch = batch

    def iterator(self, iterator_type: str, sequence_number: str | None = None) -> str:
        request = {"StreamArn": self._batch.stream_arn, "ShardId": self._batch.shard_id}
        return _iterator(self._client, request, "SequenceNumber", iterator_type, sequence_number)

    def page(self, iterator: str, limit: int) -> FetchedPage:
        with _errors_told_apart("GetRecords"):
            answer = self._client.get_records(ShardIterator=iterator, Limit=limit)
        records = [lambda_event.table_stream_record(record, self._batch.stream_arn) for record in answer["Records"]]
        # DynamoDB Streams does not say how far behind a page is, and an empty page in the middle is normal.
        return FetchedPage(records, answer.get("NextShardIterator"), at_tip=False)

    def may_pass_over(self, _arrived: float, /) -> bool:
        return False  # it answers with TrimmedDataAccessException


class KinesisReader:
    """A shard of a Kinesis stream: 10,000 records or 10 MiB a call, iterators live 5 minutes.

    ``role_arn`` is the execution role of the function that the records go to; Lambda puts it into every record.
    ``horizon`` returns the arrival before which records may be trimmed by now: Kinesis has no error for them, and reads
    on from the oldest that it has.
    """

    page_limit = 10_000
    seconds_between_reads = 1.0
    """Lambda polls a shard once a second (Developer Guide, "How Lambda processes records from Kinesis"); all readers
    of a shard share five calls a second (KDS Developer Guide, "Quotas and limits")."""

    def __init__(self, client: Any, batch: FailedBatch, role_arn: str, horizon: Callable[[], float]) -> None:
        self._client = client
        self._batch = batch
        self._role_arn = role_arn
        self._horizon = horizon

    def iterator(self, iterator_type: str, sequence_number: str | None = None) -> str:
        request = {"StreamARN": self._batch.stream_arn, "ShardId": self._batch.shard_id}
        return _iterator(self._client, request, "StartingSequenceNumber", iterator_type, sequence_number)

    def page(self, iterator: str, limit: int) -> FetchedPage:
        with _errors_told_apart("GetRecords"):
            answer = self._client.get_records(ShardIterator=iterator, Limit=limit, StreamARN=self._batch.stream_arn)
        arn, shard = self._batch.stream_arn, self._batch.shard_id
        records = [lambda_event.kinesis_record(record, arn, shard, self._role_arn) for record in answer["Records"]]
        return FetchedPage(records, answer.get("NextShardIterator"), at_tip=answer.get("MillisBehindLatest") == 0)

    def may_pass_over(self, arrived: float, /) -> bool:
        return arrived < self._horizon()


def _iterator(
    client: Any, request: Mapping[str, Any], parameter: str, iterator_type: str, sequence_number: str | None
) -> str:
    position = {parameter: sequence_number} if sequence_number else {}
    with _errors_told_apart("GetShardIterator"):
        answer = client.get_shard_iterator(**request, ShardIteratorType=iterator_type, **position)
    iterator: str = answer["ShardIterator"]
    return iterator


@contextmanager
def _errors_told_apart(operation: str) -> Iterator[None]:
    try:
        yield
    except ClientError as error:
        raise _by_code(error_code(error), f"{operation}: {error}") from error
    except ParamValidationError as error:
        raise SequenceNumberRefused(f"{operation}: {error}") from error
    except BotoCoreError as error:
        raise TransientError(f"{operation}: {error}") from error


def _by_code(code: str, reason: str) -> ChangestreamError:
    """API references of both services, "Errors" of GetShardIterator and GetRecords."""
    match code:
        case "TrimmedDataAccessException":
            return RecordsExpired(reason)
        case "ExpiredIteratorException":
            return ExpiredIterator(reason)
        case "InvalidArgumentException" | "ValidationException":
            return SequenceNumberRefused(reason)
        case "ResourceNotFoundException":
            return SourceGone(reason)
        case _:
            return TransientError(reason)
