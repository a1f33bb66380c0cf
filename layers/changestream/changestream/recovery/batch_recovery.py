"""The recovery of one batch, stretch by stretch: what is done with each, and from where it would go on."""

from collections.abc import Callable, Iterable, Sequence

from changestream.core.deadline import Deadline
from changestream.core.errors import FunctionGone, OutOfTime, SourceGone, StreamGone, TransientError
from changestream.core.failed_batch import Damaged, EventRecord, FailedBatch, Parked, ParkReason
from changestream.core.parked_runs import runs
from changestream.core.pieces import pieces
from changestream.core.redelivery import Piece, Redelivery, redeliver
from changestream.core.sequence_number import SequenceNumber
from changestream.recovery.function import ConsumerFunction, record_bytes, why_undelivered
from changestream.recovery.parked_delivery import OVER_LARGE
from changestream.recovery.parking_lot import ParkingLot
from changestream.recovery.record_source import BatchReading, sequence_number
from changestream.recovery.recovery_report import Left, NewlyParked, RecoveryReport
from changestream.recovery.redrive import Redrive
from changestream.recovery.refetch import Gap, Stretch

SECURED = "secured before its stream trims it"
STUCK = "the function used up the time of recovery before it processed a record"


class BatchRecovery:
    """Goes through a batch and notes in ``report`` what becomes of it.

    A delivery has ``most_records`` at most, unless the mapping's own had more; so has a parked object.
    """

    def __init__(
        self,
        batch: FailedBatch,
        function: ConsumerFunction,
        lot: ParkingLot,
        most_records: int,
        report: RecoveryReport,
        *,
        last_round: bool,
    ) -> None:
        self._batch = batch
        self._function = function
        self._lot = lot
        self._most_records = most_records
        self._report = report
        self._last_round = last_round
        self._gone: FunctionGone | None = None
        self._resume: SequenceNumber | None = None
        self._secured: list[str] = []

    def go_through(self, reading: BatchReading, settle: Callable[[Sequence[EventRecord]], None]) -> None:
        """Settle stretch after stretch, one of them held at a time, until there is no more or the rest is left.

        Raises what reading raises, and ``TransientError`` where nothing can be parked.
        """
        self._gone = reading.gone
        try:
            for stretch in reading.stretches:
                self._see_to(stretch, settle)
                del stretch
                if self._report.left:
                    return
        finally:
            self._report.calls = reading.calls()

    def _see_to(self, stretch: Stretch, settle: Callable[[Sequence[EventRecord]], None]) -> None:
        self._park(_expired(self._batch, gap) for gap in stretch.gaps)
        if stretch.records:
            self._report.records += len(stretch.records)
            settle(stretch.records)
            # Its number, for want of that of the next: a rest that begins with it delivers one record twice.
            self._resume = sequence_number(stretch.records[-1])

    def deliver(self, records: Sequence[EventRecord]) -> None:
        """Deliver a stretch, park what still fails, and leave the rest of the range where it cannot go on for now."""
        fitting, over_large = pieces(records, record_bytes, max(self._batch.batch_size, self._most_records))
        if self._gone:
            result = Redelivery(rest_pieces=list(fitting), interrupted=self._gone)
        else:
            result = redeliver(fitting, self._function.deliver, sequence_number, isolate=self._last_round)
        self._report.applied += result.applied
        self._report.superseded += result.superseded
        self._report.invocations += result.invocations
        parked = [*result.parked, *(_whole(ParkReason.OVER_LARGE, OVER_LARGE, 0, [record]) for record in over_large)]
        if result.is_stuck:
            self._park_stuck(result, len(fitting[0]))
        else:
            parked += self._undelivered(result)
        if left := self._report.left:
            parked = [one for one in parked if one.start < left.start]
        self._park(runs(parked, records, sequence_number, record_bytes, self._most_records))

    def _park_stuck(self, result: Redelivery, tried: int) -> None:
        """Park the first ``tried`` records in the pieces that they were cut into, and leave the others for later.

        Redrive goes on with these pieces. Another round would begin with all of the records again.
        """
        smaller: list[Piece] = []
        untried = list(result.rest_pieces)
        while tried > 0:
            smaller.append(untried.pop(0))
            tried -= len(smaller[-1])
        self._park(_whole(ParkReason.CRASH, f"{STUCK}: {result.interrupted}", 1, piece) for piece in smaller)
        if untried:
            waiting = sum(len(piece) for piece in untried)
            self._leave(sequence_number(untried[0][0]), waiting, OutOfTime(str(result.interrupted)))

    def _undelivered(self, result: Redelivery) -> Iterable[Parked]:
        """Return as parked what trying again is of no use for, or leave it for later."""
        error = result.interrupted
        if error is None or not result.rest:
            return ()
        if isinstance(error, OutOfTime) or (isinstance(error, TransientError) and not self._last_round):
            self._leave(sequence_number(result.rest[0]), len(result.rest), error)
            return ()
        if isinstance(error, FunctionGone):
            self._gone = error
        parts, _ = pieces(result.rest, record_bytes, self._most_records)
        attempts = 0 if isinstance(error, FunctionGone) else 1
        return [_whole(why_undelivered(error), error.reason, attempts, part) for part in parts]

    def secure(self, records: Sequence[EventRecord]) -> None:
        """Park a stretch as it is, in objects that redrive may take at once."""
        fitting, over_large = pieces(records, record_bytes, self._most_records)
        self._park(_whole(ParkReason.OVER_LARGE, OVER_LARGE, 0, [record]) for record in over_large)
        for piece in fitting:
            self._secured.append(self._lot.park(self._batch, _whole(ParkReason.SECURED, SECURED, 0, piece)))
            self._report.secured += 1

    def deliver_secured(self, redrive: Redrive, deadline: Deadline) -> None:
        """Deliver what was secured out of the parking lot, as far as time goes; redrive goes on with the rest."""
        for key in self._secured:
            report = redrive.run([key], deadline, asked_for=True)
            self._report.applied += report.applied
            self._report.superseded += report.superseded
            self._report.invocations += report.invocations
            if not report.settled:
                self._report.parked.append(NewlyParked(key, ParkReason.SECURED, report.kept.get(key, SECURED)))
            for remaining, reason in report.remaining.items():
                message = report.kept.get(remaining, SECURED)
                self._report.parked.append(NewlyParked(remaining, ParkReason(reason), message))

    def miss_the_rest(self, error: SourceGone) -> None:
        """Report what cannot be read any more, because stream or shard is gone."""
        reason = ParkReason.STREAM_GONE if isinstance(error, StreamGone) else ParkReason.SHARD_GONE
        self.park_the_rest_missing(reason, error.reason)

    def park_the_rest_missing(self, reason: ParkReason, message: str) -> None:
        """Park the address of what has not been settled, for want of its records."""
        since = f"; what came before {self._resume} is settled" if self._resume else ""
        start = self._resume or self._batch.start
        self._park([Parked(reason, f"{message}{since}", 0, start, self._batch.end, ())])

    def leave_the_rest(self, error: TransientError | OutOfTime) -> None:
        """Leave for later what has not been settled; raise the error where that is all of it."""
        if self._resume is None or self._resume <= self._batch.start:
            raise error
        self._leave(self._resume, 1, error)

    def _leave(self, start: SequenceNumber, at_least: int, error: TransientError | OutOfTime) -> None:
        unread = self._batch.batch_size - self._report.records
        self._report.left = Left(start, at_least + max(0, unread), error)

    def _park(self, all_parked: Iterable[Parked]) -> None:
        for parked in all_parked:
            key = self._lot.park(self._batch, parked)
            self._report.parked.append(NewlyParked(key, parked.reason, parked.message))


def _whole(reason: ParkReason, message: str, attempts: int, records: Sequence[EventRecord]) -> Parked:
    return Parked(reason, message, attempts, sequence_number(records[0]), sequence_number(records[-1]), tuple(records))


def _expired(batch: FailedBatch, gap: Gap) -> Parked:
    start, end = gap.after or batch.start, gap.before or batch.end
    which = f"{'after' if gap.after else 'from'} {start} {'and before' if gap.before else 'to'} {end}"
    damage = f"; {batch.payload.reason}" if isinstance(batch.payload, Damaged) else ""
    return Parked(ParkReason.EXPIRED, f"no longer in the stream: the records {which}{damage}", 0, start, end, ())
