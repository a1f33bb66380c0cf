"""Recovering one failed batch: have its records, bring them back to their function, park what still fails."""

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from changestream.aws.function import PIECE_RECORDS, ConsumerFunction, record_bytes, why_undelivered
from changestream.aws.parking_lot import ParkingLot
from changestream.aws.record_source import RecordSource, sequence_number
from changestream.aws.refetch import Gap
from changestream.core.deadline import Deadline
from changestream.core.errors import FunctionGone, OutOfTime, SourceGone, TransientError
from changestream.core.failed_batch import Damaged, EventRecord, FailedBatch, Parked, ParkReason
from changestream.core.pieces import pieces
from changestream.core.redelivery import Redelivery, redeliver
from changestream.core.sequence_number import SequenceNumber


@dataclass(frozen=True, slots=True)
class Left:
    """The rest of a range, to be recovered later: where it starts, how many records it has, and what was in the way."""

    start: SequenceNumber
    records: int
    error: TransientError | OutOfTime


@dataclass(slots=True)
class RecoveryReport:
    """What became of a failed batch's ``records``: from its payload, or read from the stream in so many ``calls``.

    ``parked`` holds every object written, under its key.
    """

    records: int = 0
    calls: int = 0
    invocations: int = 0
    applied: int = 0
    parked: list[tuple[str, Parked]] = field(default_factory=list)
    left: Left | None = None

    def parked_for(self, reason: ParkReason) -> int:
        """Return how many objects were parked for a reason."""
        return sum(1 for _, parked in self.parked if parked.reason is reason)


class Recovery:
    """Recovers failed batches of both kinds of stream.

    ``client_of`` returns the boto3 client of a service; ``consumers`` are the ARNs of the functions that records may be
    brought back to, and ``function_seconds`` is the longest time-out among them.
    """

    def __init__(
        self,
        client_of: Callable[[str], Any],
        lambda_client: Any,
        lot: ParkingLot,
        consumers: Collection[str],
        function_seconds: float,
    ) -> None:
        self._source = RecordSource(client_of)
        self._lambda_client = lambda_client
        self._lot = lot
        self._consumers = consumers
        self._function_seconds = function_seconds

    def recover(self, batch: FailedBatch, deadline: Deadline, *, last_round: bool) -> RecoveryReport:
        """Return once every record of the range is applied, parked, or left for later.

        In the ``last_round`` nothing is left because a dependency refuses: that is parked as unavailable. Raises
        ``TransientError`` or ``OutOfTime`` where the range could not be refetched; then nothing of it is settled.
        """
        report = RecoveryReport()
        function = ConsumerFunction(
            self._lambda_client, batch.function_arn, deadline, self._consumers, self._function_seconds
        )
        try:
            refetched, gone = self._source.records(batch, function, deadline)
        except SourceGone as error:
            self._park(batch, [_missing(batch, ParkReason.SOURCE_GONE, error.reason)], report)
            return report
        except TransientError as error:
            if function.is_permitted or not last_round:
                raise
            reason = f"recovery may not invoke it, and its records cannot be had: {error.reason}"
            self._park(batch, [_missing(batch, ParkReason.FUNCTION_REFUSED, reason)], report)
            return report
        report.records, report.calls = len(refetched.records), refetched.calls
        self._park(batch, (_expired(batch, gap) for gap in refetched.gaps), report)
        fitting, over_large = pieces(refetched.records, record_bytes, max(batch.batch_size, PIECE_RECORDS))
        self._park(
            batch, (_whole(ParkReason.OVER_LARGE, "larger than one payload", 0, [r]) for r in over_large), report
        )
        result = _refused(fitting, gone) if gone else redeliver(fitting, function.deliver, sequence_number)
        report.applied, report.invocations = result.applied, result.invocations
        self._park(batch, result.parked, report)
        self._settle_rest(batch, result, report, last_round=last_round)
        return report

    def _settle_rest(self, batch: FailedBatch, result: Redelivery, report: RecoveryReport, *, last_round: bool) -> None:
        """Park what was not delivered where trying again is of no use, or leave it for later."""
        error = result.interrupted
        if error is None:
            return
        if isinstance(error, OutOfTime) or (isinstance(error, TransientError) and not last_round):
            report.left = Left(sequence_number(result.rest[0]), len(result.rest), error)
            return
        parts, _ = pieces(result.rest, record_bytes, PIECE_RECORDS)
        self._park(batch, (_whole(why_undelivered(error), error.reason, 1, part) for part in parts), report)

    def _park(self, batch: FailedBatch, all_parked: Iterable[Parked], report: RecoveryReport) -> None:
        for parked in all_parked:
            report.parked.append((self._lot.park(batch, parked), parked))


def _refused(fitting: Sequence[Sequence[EventRecord]], gone: FunctionGone) -> Redelivery:
    return Redelivery(rest=[record for piece in fitting for record in piece], interrupted=gone)


def _whole(reason: ParkReason, message: str, attempts: int, records: Sequence[EventRecord]) -> Parked:
    return Parked(reason, message, attempts, sequence_number(records[0]), sequence_number(records[-1]), tuple(records))


def _missing(batch: FailedBatch, reason: ParkReason, message: str) -> Parked:
    return Parked(reason, message, 0, batch.start, batch.end, ())


def _expired(batch: FailedBatch, gap: Gap) -> Parked:
    start, end = gap.after or batch.start, gap.before or batch.end
    which = f"{'after' if gap.after else 'from'} {start} {'and before' if gap.before else 'to'} {end}"
    damage = f"; {batch.payload.reason}" if isinstance(batch.payload, Damaged) else ""
    return Parked(ParkReason.EXPIRED, f"no longer in the stream: the records {which}{damage}", 0, start, end, ())
