"""Every change of the table, as the table made it."""

from collections import defaultdict
from dataclasses import dataclass, field

from domain.tasks import Item, Key


@dataclass(slots=True)
class TableChange:
    """A change of an item of the table.

    ``number`` counts the changes; ``moment`` is its time in microseconds, later than that of any before it;
    ``sequence_number`` is that of the table's stream, and ``captured`` has those of its records in ChangeStream.
    """

    number: int
    key: Key
    keys: Item
    old: Item | None
    new: Item | None
    by_ttl: bool
    moment: int
    sequence_number: str
    captured: list[str] = field(default_factory=list)

    @property
    def name(self) -> str:
        if self.old is None:
            return "INSERT"
        return "REMOVE" if self.new is None else "MODIFY"


class TableLog:
    """All changes, in order."""

    def __init__(self) -> None:
        self.changes: list[TableChange] = []
        self.of_item: defaultdict[Key, list[TableChange]] = defaultdict(list)
        self._last_moment = 0

    def note(self, change: TableChange) -> None:
        self.changes.append(change)
        self.of_item[change.key].append(change)

    def moment(self, now: float) -> int:
        """Return the time of the next change in microseconds."""
        self._last_moment = max(int(now * 1_000_000), self._last_moment + 1)
        return self._last_moment
