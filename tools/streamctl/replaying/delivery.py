"""Delivering records to a consumer at a rate, and writing down what became of each."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import batched
from pathlib import Path

from changestream.core.errors import ChangestreamError, FunctionGone, OutOfTime, TransientError
from changestream.core.failed_batch import EventRecord
from changestream.core.pieces import pieces
from changestream.core.redelivery import Deliver, Redelivery, redeliver
from changestream.recovery.function import record_bytes
from changestream.recovery.record_source import sequence_number
from streamctl.exits import Exit, Trouble
from streamctl.replaying.patience import EvenRate, Patience
from streamctl.replaying.receipt import Label, Receipt, ReceiptEntry, RecordOutcome
from streamctl.troubles import trouble_of

OVER_LARGE = "larger than one invocation takes"


@dataclass(frozen=True, slots=True)
class Deliverable:
    """A record with what names it; or, in its place, why there is none."""

    label: Label
    record: EventRecord | ChangestreamError


class Stopped(Trouble):
    """It makes no sense to go on for now: mend what the reason says, and go on with the receipt."""

    def __init__(self, reason: str, receipt: Path, code: Exit = Exit.REFUSED) -> None:
        super().__init__(code, reason, f"What was done is written down: go on with --resume {receipt}")


@dataclass(slots=True)
class SerialDelivery:
    """Delivers batches one after another, each once the one before is done with.

    ``deliver`` is that of ``ConsumerFunction``. A batch holds ``batch_size`` records at most. After ``most_failures``
    records that failed it stops: not every record is poison, so it is the consumer that has something wrong with it.
    """

    deliver: Deliver
    receipt: Receipt
    pace: EvenRate
    patience: Patience
    batch_size: int
    most_failures: int
    progressed: Callable[[int], None]

    def run(self, records: Iterable[Deliverable]) -> None:
        """Deliver records, those that the receipt knows as applied left out already. Raises ``Stopped``.

        Whatever it raises, what was done until then is written down.
        """
        failures = 0
        for batch in batched(records, self.batch_size, strict=False):
            self.pace.wait(len(batch))
            failures += self._batch(batch)
            if failures >= self.most_failures:
                reason = f"{failures} records were not applied, the last because: {self._last_reason()}"
                raise Stopped(reason, self.receipt.path)

    def _batch(self, batch: Sequence[Deliverable]) -> int:
        """Deliver a batch to its end; return how many of it were not applied."""
        refused, labels, records = [], {}, []
        for each in batch:
            if isinstance(each.record, ChangestreamError):
                refused.append(ReceiptEntry(each.label, RecordOutcome.REFUSED, each.record.reason))
            else:
                labels[_number(each.record)] = each.label
                records.append(each.record)
        parts, over_large = pieces(records, record_bytes, self.batch_size)
        refused += [ReceiptEntry(labels[_number(record)], RecordOutcome.REFUSED, OVER_LARGE) for record in over_large]
        self._write(refused)
        failures = len(refused)
        while parts:
            result = redeliver(parts, self.deliver, sequence_number, isolate=True)
            failures += self._settle([record for part in parts for record in part], result, labels)
            parts, _ = pieces(result.rest, record_bytes, self.batch_size)
            if result.interrupted:
                self._wait(result.interrupted)
        return failures

    def _settle(self, sent: Iterable[EventRecord], result: Redelivery, labels: Mapping[str, Label]) -> int:
        """Write down what a redelivery has done with; return how many of its records failed."""
        failed = {
            _number(record): f"{parked.reason}: {parked.message}"
            for parked in result.parked
            for record in parked.records
        }
        rest = set(map(_number, result.rest))
        done = [number for number in map(_number, sent) if number not in rest]
        self._write(
            [
                ReceiptEntry(labels[n], RecordOutcome.FAILED, failed[n])
                if n in failed
                else ReceiptEntry(labels[n], RecordOutcome.APPLIED)
                for n in done
            ]
        )
        if done:
            self.patience.progressed()
        return len(failed)

    def _wait(self, error: TransientError | OutOfTime | FunctionGone) -> None:
        if isinstance(error, FunctionGone):
            told = trouble_of(error, None) or Trouble(Exit.REFUSED, error.reason)
            raise Stopped(told.message, self.receipt.path, told.code) from error
        try:
            self.patience.after(TransientError(error.reason))
        except TransientError as last:
            raise Stopped(f"the consumer kept refusing: {last.reason}", self.receipt.path) from last

    def _write(self, entries: Sequence[ReceiptEntry]) -> None:
        if entries:
            self.receipt.write(entries)
            self.progressed(len(entries))

    def _last_reason(self) -> str:
        undone = self.receipt.undone()
        return undone[-1].reason if undone else ""


def _number(record: EventRecord) -> str:
    return str(sequence_number(record))
