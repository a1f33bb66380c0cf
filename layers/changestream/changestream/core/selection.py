"""Of all the changes that a batch holds for one item, the one worth writing."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import NamedTuple

from changestream.core.batch import Failure, FailureKind, crashed
from changestream.core.change import Change, ItemKey
from changestream.core.errors import ChangestreamError, PoisonRecord


@dataclass(frozen=True, slots=True)
class Poisoned:
    """A change that was refused or at which the consumer crashed, and how it fails."""

    change: Change
    failure: Failure

    @classmethod
    def because(cls, change: Change, reason: str) -> "Poisoned":
        """Return a change that is refused for a reason."""
        return cls(change, Failure(change.sequence_number, FailureKind.POISON, reason))


class Selection[Value](NamedTuple):
    """What a batch says of one item.

    ``newest`` is its newest good change with its interpretation, ``older`` the changes that it supersedes, ``poison``
    the changes newer than it that could not be understood. ``newest`` is ``None`` where every change is poison.
    """

    item: ItemKey
    newest: tuple[Change, Value] | None
    older: tuple[Change, ...]
    poison: tuple[Poisoned, ...]

    @property
    def good(self) -> tuple[Change, ...]:
        """The changes that are done once ``newest`` is."""
        return (*self.older, self.newest[0]) if self.newest else ()


def select[Value](changes: Iterable[Change], interpret: Callable[[Change], Value]) -> list[Selection[Value]]:
    """Group changes by item and choose the newest of each that ``interpret`` accepts.

    ``interpret`` raises ``PoisonRecord`` for a change that it refuses; an error that is not declared in ``core.errors``
    is a crash at this change, and any other declared one is raised. It sees the changes of an item from the newest back
    to the first good one and no further: what a good change supersedes need not be understood.
    """
    by_item: dict[ItemKey, list[Change]] = {}
    for change in changes:
        by_item.setdefault(change.item, []).append(change)
    return [_select_one(item, of_item, interpret) for item, of_item in by_item.items()]


def _select_one[Value](item: ItemKey, changes: list[Change], interpret: Callable[[Change], Value]) -> Selection[Value]:
    if len(changes) > 1:
        changes.sort(key=lambda change: change.position)
    poison: list[Poisoned] = []
    for index in range(len(changes) - 1, -1, -1):
        change = changes[index]
        try:
            value = interpret(change)
        except PoisonRecord as error:
            poison.append(Poisoned.because(change, error.reason))
            continue
        except ChangestreamError:
            raise
        except Exception as bug:  # the per-record boundary: a crash at one change leaves the others as they are
            poison.append(Poisoned(change, crashed(change.sequence_number, bug)))
            continue
        return Selection(item, (change, value), tuple(changes[:index]), tuple(poison))
    return Selection(item, None, (), tuple(poison))
