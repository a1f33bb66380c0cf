"""Consuming a batch into a view of the newest state that is written in bulk: one request for all items of a batch."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from changestream.aws.concurrency import Done, NotDone
from changestream.core.batch import BatchOutcome, Failure, FailureKind, lowest
from changestream.core.change import Change, ItemKey
from changestream.core.deadline import Deadline
from changestream.core.errors import PoisonRecord, TransientError, Unprocessable
from changestream.core.position import Position, supersedes
from changestream.core.selection import Poisoned, Selection, select
from changestream.wire.batch import DecodedBatch

Ending = Done[bool] | NotDone


@dataclass(frozen=True, slots=True)
class BulkView[Value]:
    """What a consumer needs of its view.

    ``write`` applies changes of as many items, each with its interpretation, ``None`` for an item that is gone, and
    returns how each ended, in their order: done, with whether the view was older, or not done. ``watermarks`` returns
    the positions of the items that the view knows; it raises ``TransientError`` or ``Unprocessable``.
    """

    write: Callable[[Sequence[tuple[Change, Value | None]], Deadline], Sequence[Ending]]
    watermarks: Callable[[Sequence[Change]], Mapping[ItemKey, Position]]


class BulkNewestConsumer[Value]:
    """Keeps the newest state of each item. ``interpret`` raises ``PoisonRecord`` for what it cannot understand."""

    def __init__(self, view: BulkView[Value], interpret: Callable[[Change], Value | None]) -> None:
        self._view = view
        self._interpret = interpret

    def consume(self, batch: DecodedBatch, deadline: Deadline) -> BatchOutcome:
        """Apply the newest good change of each item and say how every record of the batch ended.

        What the view calls poison is poison like any other: the item's changes go round again without it.
        """
        superseded, failures, poison = 0, list(batch.failures), list[Poisoned]()
        refused: dict[str, str] = {}
        waiting: Sequence[Change] = batch.changes
        while waiting:
            selections = select(waiting, lambda change: self._understood(change, refused))
            endings = self._write(selections, deadline)
            again: list[Change] = []
            for selection, ending in zip(selections, endings, strict=True):
                if isinstance(ending, Done):
                    superseded += len(selection.older) + (not ending.result)
                    poison += selection.poison
                elif ending.kind is FailureKind.POISON and selection.newest:
                    refused[selection.newest[0].sequence_number] = ending.reason
                    again += _changes(selection)
                else:
                    failures.append(_failure(_changes(selection), ending))
            waiting = again
        unhealed = self._unhealed(poison)
        overtaken = len(poison) - len(unhealed)
        return BatchOutcome(batch.records, superseded + overtaken, batch.passed_over, [*failures, *unhealed])

    def _understood(self, change: Change, refused: Mapping[str, str]) -> Value | None:
        if reason := refused.get(change.sequence_number):
            raise PoisonRecord(reason)
        return self._interpret(change)

    def _write(self, selections: Sequence[Selection[Value | None]], deadline: Deadline) -> list[Ending]:
        """Write what there is to write of each item, all at once; an item with nothing good is done."""
        writes = [selection.newest for selection in selections if selection.newest]
        endings = iter(self._view.write(writes, deadline) if writes else ())
        return [next(endings) if selection.newest else Done(True) for selection in selections]

    def _unhealed(self, poison: Sequence[Poisoned]) -> list[Failure]:
        """Return as failures the poison that no proper change has overtaken at the view."""
        if not poison:
            return []
        try:
            watermarks = self._view.watermarks([poisoned.change for poisoned in poison])
        except TransientError as error:
            unknown = NotDone(FailureKind.UNAVAILABLE, error.reason)
            return [_failure([poisoned.change], unknown) for poisoned in poison]
        except Unprocessable:
            if len(poison) > 1:
                return [failure for poisoned in poison for failure in self._unhealed([poisoned])]
            watermarks = {}  # what the view cannot even be asked for is not in it
        return [
            poisoned.failure
            for poisoned in poison
            if supersedes(poisoned.change.position, watermarks.get(poisoned.change.item))
        ]


def _changes[Value](selection: Selection[Value]) -> list[Change]:
    return [*selection.good, *(poisoned.change for poisoned in selection.poison)]


def _failure(changes: Sequence[Change], ending: NotDone) -> Failure:
    return Failure(lowest(change.sequence_number for change in changes), ending.kind, ending.reason)
