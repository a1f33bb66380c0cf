"""Consuming a batch into one row per change: in bulk, side by side, in whatever order."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import batched

from changestream.aws.concurrency import Done, NotDone, side_by_side
from changestream.aws.revision_table import WRITE_LIMIT, RevisionTable, Row
from changestream.core.batch import BatchOutcome, Failure, FailureKind, crashed, lowest
from changestream.core.change import Change
from changestream.core.deadline import Deadline
from changestream.core.errors import ChangestreamError, PoisonRecord
from changestream.wire.batch import DecodedBatch


@dataclass(slots=True)
class _Revision:
    """One row, and every record of the batch that carries it."""

    row: Row
    sequence_numbers: list[str]


class RevisionConsumer:
    """Writes ``row_of`` each change, under a key that is the same for a repeat and another for any other change.

    ``key`` names the attributes of the row that are that key, the table's, all of them text. ``row_of`` raises
    ``PoisonRecord`` for a change that it refuses; an error that is not declared in ``core.errors`` is a crash at this
    change.
    """

    def __init__(self, table: RevisionTable, key: Sequence[str], row_of: Callable[[Change], Row]) -> None:
        self._table = table
        self._key = key
        self._row_of = row_of

    def consume(self, batch: DecodedBatch, deadline: Deadline) -> BatchOutcome:
        """Write the changes of a batch and say how every record ended; a repeat in the batch counts as superseded."""
        revisions, unwritable = self._revisions(batch.changes)
        failures = [*batch.failures, *unwritable]
        units = list(batched(revisions, WRITE_LIMIT, strict=False))
        while units:
            endings = side_by_side(units, self._write, deadline)
            refused: list[tuple[_Revision, ...]] = []
            for unit, ending in zip(units, endings, strict=True):
                if isinstance(ending, Done):
                    continue
                if ending.kind is FailureKind.POISON and len(unit) > 1:
                    refused += [(revision,) for revision in unit]
                else:
                    failures.append(_failure(unit, ending))
            units = refused
        repeats = len(batch.changes) - len(revisions) - len(unwritable)
        return BatchOutcome(batch.records, repeats, batch.passed_over, failures)

    def _revisions(self, changes: Sequence[Change]) -> tuple[list[_Revision], list[Failure]]:
        revisions: dict[tuple[str, ...], _Revision] = {}
        unwritable: list[Failure] = []
        for change in changes:
            try:
                row = self._row_of(change)
                key = tuple([row[name]["S"] for name in self._key])
            except PoisonRecord as error:
                unwritable.append(Failure(change.sequence_number, FailureKind.POISON, error.reason))
                continue
            except ChangestreamError:
                raise
            except Exception as bug:  # the per-record boundary: a crash at one change leaves the others as they are
                unwritable.append(crashed(change.sequence_number, bug))
                continue
            if known := revisions.get(key):
                known.sequence_numbers.append(change.sequence_number)
            else:
                revisions[key] = _Revision(row, [change.sequence_number])
        return list(revisions.values()), unwritable

    def _write(self, unit: Sequence[_Revision]) -> None:
        self._table.write([revision.row for revision in unit])


def _failure(unit: Sequence[_Revision], ending: NotDone) -> Failure:
    numbers = (number for revision in unit for number in revision.sequence_numbers)
    return Failure(lowest(numbers), ending.kind, ending.reason)
