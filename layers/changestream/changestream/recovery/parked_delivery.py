"""Delivering one parked object again: taken by a lease, sent to its function, and settled."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import Any

from changestream.core.deadline import Deadline
from changestream.core.errors import OutOfTime, TransientError
from changestream.core.failed_batch import EventRecord, Parked, ParkReason
from changestream.core.parked_runs import runs
from changestream.core.pieces import pieces
from changestream.core.redelivery import Redelivery, redeliver
from changestream.core.redrive import RedriveRounds, Standing, lease_end
from changestream.recovery.consumers import Consumers
from changestream.recovery.function import ConsumerFunction, record_bytes, why_undelivered
from changestream.recovery.parked_records import ParkedRecords, Stored
from changestream.recovery.record_source import sequence_number
from changestream.recovery.redrive_report import RedriveReport
from changestream.wire.parked_object import sibling_key
from changestream.wire.redrive_manifest import after_round, held, is_deliverable, released, rounds_of

OVER_LARGE = "larger than one payload"


class ParkedDelivery:
    """Delivers objects for one run, each on whichever thread it is called.

    An object is taken by a conditional write of a lease into its manifest, and removed, or given its next round, on
    condition that it is still the one that was taken. Whoever loses such a condition leaves the object to the winner.
    ``by`` names the run, for people. A function whose dependency refuses gets nothing more in the run.
    """

    def __init__(
        self,
        records: ParkedRecords,
        lambda_client: Any,
        consumers: Consumers,
        rounds: RedriveRounds,
        clock: Callable[[], float],
        by: str,
    ) -> None:
        self._records = records
        self._lambda_client = lambda_client
        self._consumers = consumers
        self._rounds = rounds
        self._clock = clock
        self._by = by
        self._refusing: set[str] = set()

    def deliver(self, stored: Stored, deadline: Deadline, *, asked_for: bool) -> RedriveReport:
        """Deliver an object if it is due, and return what became of it. Raises ``TransientError``."""
        report = RedriveReport()
        self._see_to(stored, deadline, report, asked_for=asked_for)
        return report

    def _see_to(self, stored: Stored, deadline: Deadline, report: RedriveReport, *, asked_for: bool) -> None:
        deliverable = is_deliverable(stored.manifest, stored.payload)
        try:
            rounds = rounds_of(stored.manifest)
        except ValueError as error:
            report.unreadable[stored.key] = f"its manifest cannot be read: {error}"
            return
        where = self._rounds.standing(rounds, self._clock(), deliverable=deliverable, asked_for=asked_for)
        report.standings[where] += 1
        function_arn = stored.manifest.get("functionArn", "")
        if where is not Standing.DUE or function_arn in self._refusing:
            return
        until = lease_end(self._clock(), deadline.seconds_to_time_out())
        taken = self._records.replace(stored, held(stored.manifest, self._by, until))
        if taken is None:
            report.standings[Standing.DUE] -= 1
            report.standings[Standing.HELD] += 1
            return
        isolate = asked_for or self._rounds.is_last(rounds)
        result = self._deliver(taken, deadline, isolate=isolate)
        report.applied += result.applied
        report.superseded += result.superseded
        report.invocations += result.invocations
        self._settle(taken, result, report)

    def _deliver(self, taken: Stored, deadline: Deadline, *, isolate: bool) -> Redelivery:
        assert taken.payload  # noqa: S101 - it is deliverable
        function_arn = taken.manifest["functionArn"]
        function = ConsumerFunction(self._lambda_client, function_arn, deadline, self._consumers)
        parts, over_large = pieces(taken.payload["Records"], record_bytes, self._consumers.records)
        result = redeliver(parts, function.deliver, sequence_number, isolate=isolate)
        numbered = ((sequence_number(record), record) for record in over_large)
        result.parked += [Parked(ParkReason.OVER_LARGE, OVER_LARGE, 0, at, at, (record,)) for at, record in numbered]
        records = taken.payload["Records"]
        result.parked = list(runs(result.parked, records, sequence_number, record_bytes, self._consumers.records))
        return result

    def _settle(self, taken: Stored, result: Redelivery, report: RedriveReport) -> None:
        """Write what still fails before what it came from is removed: a run that dies between has parked it twice."""
        parts = list(self._parts(taken, result))
        if len(parts) == 1 and parts[0].key == taken.key:
            self._records.replace(taken, parts[0].manifest)
        else:
            for part in parts:
                assert part.payload  # noqa: S101 - they are made with one
                self._records.add(part.key, part.manifest, part.payload)
            self._records.remove(taken)
        report.settled += 1
        report.remaining |= {part.key: str(part.manifest["reason"]) for part in parts}
        if not isinstance(result.interrupted, OutOfTime):
            report.kept |= {part.key: str(part.manifest["message"]) for part in parts}
        else:
            report.unseen = True

    def _parts(self, taken: Stored, result: Redelivery) -> Iterable[Stored]:
        """Return the objects that the records of this one which are not done are to be parked in."""
        for parked in result.parked:
            yield self._part(taken, parked.records, self._failed(taken.manifest, parked.reason, parked.message))
        error = result.interrupted
        if not result.rest or error is None:
            return
        if result.is_stuck and len(result.rest_pieces) > 1:
            # The next run would meet the same: it gets smaller objects, which are due at once.
            for piece in result.rest_pieces:
                yield self._part(taken, piece, released(taken.manifest))
            return
        if result.is_stuck:
            manifest = self._failed(taken.manifest, ParkReason.CRASH, error.reason)
        elif isinstance(error, OutOfTime):
            manifest = released(taken.manifest)
        else:
            if isinstance(error, TransientError):
                self._refusing.add(taken.manifest["functionArn"])
            manifest = self._failed(taken.manifest, why_undelivered(error), error.reason)
        yield self._part(taken, result.rest, manifest)

    def _failed(self, manifest: Mapping[str, Any], reason: ParkReason, message: str) -> dict[str, Any]:
        return after_round(manifest, reason, message, self._clock())

    @staticmethod
    def _part(taken: Stored, records: Iterable[EventRecord], manifest: Mapping[str, Any]) -> Stored:
        of_part = list(records)
        start, end = sequence_number(of_part[0]), sequence_number(of_part[-1])
        numbers = {"startSequenceNumber": start.text, "endSequenceNumber": end.text, "records": len(of_part)}
        return replace(
            taken,
            key=sibling_key(taken.key, start, end),
            manifest=dict(manifest) | numbers,
            payload={"Records": of_part},
        )
