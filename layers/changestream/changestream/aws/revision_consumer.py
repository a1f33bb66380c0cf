"""Consuming a batch into one row per change: in bulk, side by side, in whatever order."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import batched

from changestream.aws.concurrency import Done, NotDone, side_by_side
from changestream.aws.revision_table import WRITE_LIMIT, RevisionTable, Row
from changestream.core.batch import BatchOutcome, Failure, FailureKind, lowest
from changestream.core.change import Change, ItemKey
from changestream.core.deadline import Deadline
from changestream.core.position import Position
from changestream.wire.batch import DecodedBatch


@dataclass(slots=True)
class _Revision:
    """One change and every record of the batch that carries it."""

    change: Change
    sequence_numbers: list[str] = field(default_factory=list)


class RevisionConsumer:
    """Writes ``row_of`` each change. The row's key must hold the item and the position of the change."""

    def __init__(self, table: RevisionTable, row_of: Callable[[Change], Row]) -> None:
        self._table = table
        self._row_of = row_of

    def consume(self, batch: DecodedBatch, deadline: Deadline) -> BatchOutcome:
        """Write the changes of a batch and say how every record ended; a repeat in the batch counts as superseded."""
        revisions, clashes = _revisions(batch.changes)
        failures = [*batch.poison, *clashes]
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
        repeats = len(batch.changes) - len(revisions) - len(clashes)
        return BatchOutcome(batch.records, repeats, batch.passed_over, failures)

    def _write(self, unit: Sequence[_Revision]) -> None:
        self._table.write([self._row_of(revision.change) for revision in unit])


def _revisions(changes: Sequence[Change]) -> tuple[list[_Revision], list[Failure]]:
    """Bring repeats of a change together; two different changes at one position cannot both be kept, so that fails."""
    revisions: dict[tuple[ItemKey, Position], _Revision] = {}
    clashes: list[Failure] = []
    for change in changes:
        revision = revisions.setdefault((change.item, change.position), _Revision(change))
        if revision.change.event_id == change.event_id:
            revision.sequence_numbers.append(change.sequence_number)
        else:
            reason = f"events {revision.change.event_id} and {change.event_id} are at one position of one item"
            clashes.append(Failure(change.sequence_number, FailureKind.POISON, reason))
    return list(revisions.values()), clashes


def _failure(unit: Sequence[_Revision], ending: NotDone) -> Failure:
    numbers = (number for revision in unit for number in revision.sequence_numbers)
    return Failure(lowest(numbers), ending.kind, ending.reason)
