"""Recovering one failed batch: have its records, bring them back to their function, park what still fails."""

from collections.abc import Callable
from time import sleep, time
from typing import Any

from changestream.core.deadline import Deadline
from changestream.core.errors import OutOfTime, SourceGone, TransientError
from changestream.core.failed_batch import FailedBatch, ParkReason
from changestream.recovery.batch_recovery import BatchRecovery
from changestream.recovery.function import ConsumerFunction
from changestream.recovery.parking_lot import ParkingLot
from changestream.recovery.record_source import RecordSource
from changestream.recovery.recovery_report import RecoveryReport
from changestream.recovery.redrive import Redrive
from changestream.recovery.settings import Settings
from changestream.recovery.stream_state import StreamStates

RUN_BY = "recover_batches"
"""Whom the manifest of a secured object names while recovery delivers it."""


class Recovery:
    """Recovers failed batches of both kinds of stream.

    ``client_of`` returns the boto3 client of a service; ``lambda_client`` must wait for a delivery to any consumer.
    """

    def __init__(
        self,
        client_of: Callable[[str], Any],
        lambda_client: Any,
        lot: ParkingLot,
        settings: Settings,
        clock: Callable[[], float] = time,
        pause: Callable[[float], None] = sleep,
    ) -> None:
        self._streams = StreamStates(client_of, clock)
        self._source = RecordSource(client_of, self._streams, clock, pause)
        self._lambda_client = lambda_client
        self._lot = lot
        self._settings = settings
        self._clock = clock

    def hours_before_trim(self, batch: FailedBatch) -> float | None:
        """Return how long the stream still keeps the batch's first record, ``None`` where that is of no concern."""
        return self._streams.hours_before_trim(batch)

    def recover(self, batch: FailedBatch, deadline: Deadline, *, last_round: bool) -> RecoveryReport:
        """Return once every record of the range is applied, parked, or left for later.

        What is about to be trimmed is parked first of all, as a whole, and only then delivered out of the parking lot,
        as redrive does: which goes on with it, should this recovery end. In the ``last_round`` nothing is left because
        a dependency refuses: that is parked as unavailable. Raises ``TransientError`` or ``OutOfTime`` where nothing of
        the range could be settled.
        """
        report = RecoveryReport(self.hours_before_trim(batch))
        urgent = self._settings.recovery_rounds.is_urgent(report.hours_before_trim)
        consumers = self._settings.consumers
        function = ConsumerFunction(self._lambda_client, batch.function_arn, deadline, consumers)
        one = BatchRecovery(batch, function, self._lot, consumers.records, report, last_round=last_round)
        try:
            reading = self._source.read(batch, function, deadline, urgent=urgent)
            one.go_through(reading, one.secure if urgent else one.deliver)
        except SourceGone as error:
            one.miss_the_rest(error)
        except (TransientError, OutOfTime) as error:
            if isinstance(error, TransientError) and last_round and not function.is_permitted:
                reason = f"recovery may not invoke it, and its records cannot be had: {error.reason}"
                one.park_the_rest_missing(ParkReason.FUNCTION_REFUSED, reason)
            else:
                one.leave_the_rest(error)
        if urgent:
            one.deliver_secured(self._redrive(), deadline)
        return report

    def _redrive(self) -> Redrive:
        consumers, rounds = self._settings.consumers, self._settings.redrive_rounds
        return Redrive(self._lot.records, self._lambda_client, consumers, rounds, self._clock, RUN_BY)
