"""Consuming a batch into a view of the newest state: one guarded write per item, side by side."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from changestream.aws.concurrency import Done, NotDone, side_by_side
from changestream.core.batch import BatchOutcome, Failure, lowest
from changestream.core.change import Change
from changestream.core.deadline import Deadline
from changestream.core.errors import PoisonRecord, Unprocessable
from changestream.core.position import Position, supersedes
from changestream.core.selection import Poisoned, Selection, select
from changestream.wire.batch import DecodedBatch


@dataclass(frozen=True, slots=True)
class View[Value]:
    """What a consumer of the newest state needs of its view.

    ``write`` applies a change with its interpretation, ``None`` for an item that is gone, and returns whether the row
    was older; ``watermark`` returns the position of an item's row. Both raise what ``side_by_side`` knows.
    """

    write: Callable[[Change, Value | None], bool]
    watermark: Callable[[Change], Position | None]


class NewestConsumer[Value]:
    """Keeps the newest state of each item. ``interpret`` raises ``PoisonRecord`` for what it cannot understand."""

    def __init__(self, view: View[Value], interpret: Callable[[Change], Value | None]) -> None:
        self._view = view
        self._interpret = interpret

    def consume(self, batch: DecodedBatch, deadline: Deadline) -> BatchOutcome:
        """Apply the newest good change of each item and say how every record of the batch ended."""
        selections = select(batch.changes, self._interpret)
        endings = side_by_side(selections, self._apply, deadline)
        superseded, failures = 0, list(batch.failures)
        for selection, ending in zip(selections, endings, strict=True):
            if isinstance(ending, Done):
                superseded += ending.result[0]
                failures += ending.result[1]
            else:
                failures.append(_whole(selection, ending))
        return BatchOutcome(batch.records, superseded, batch.passed_over, failures)

    def _apply(self, selection: Selection[Value | None]) -> tuple[int, Sequence[Failure]]:
        """Write an item; return how many of its records were superseded, and the poison that nothing has overtaken.

        What the view refuses for good is poison like any other: the newest change before it is written.
        """
        poison = list(selection.poison)
        for newest, older in self._from_the_newest(selection, poison):
            try:
                superseded = len(older) + (not self._view.write(*newest))
            except (PoisonRecord, Unprocessable) as error:
                poison.append(Poisoned.because(newest[0], error.reason))
            else:
                break
        else:
            superseded = 0
        unhealed = self._unhealed(poison)
        return superseded + len(poison) - len(unhealed), unhealed

    def _from_the_newest(
        self, selection: Selection[Value | None], poison: list[Poisoned]
    ) -> Iterator[tuple[tuple[Change, Value | None], Sequence[Change]]]:
        """Yield (a good change, those older than it), the newest first; what is poison between two is added to it."""
        while selection.newest:
            yield selection.newest, selection.older
            if not selection.older:
                return
            (selection,) = select(selection.older, self._interpret)
            poison += selection.poison

    def _unhealed(self, poison: Sequence[Poisoned]) -> list[Failure]:
        """Return as failures the poison that no proper change has overtaken at the view."""
        if not poison:
            return []
        try:
            watermark = self._view.watermark(poison[0].change)
        except (PoisonRecord, Unprocessable):  # no row has such a key, so nothing has overtaken it
            watermark = None
        return [poisoned.failure for poisoned in poison if supersedes(poisoned.change.position, watermark)]


def _whole[Value](selection: Selection[Value | None], ending: NotDone) -> Failure:
    changes = [*selection.good, *(poisoned.change for poisoned in selection.poison)]
    return Failure(lowest(change.sequence_number for change in changes), ending.kind, ending.reason)
