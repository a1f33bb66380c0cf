"""What happened: every change of the table, and every revision of the ledger, as their sources made them."""

from collections import defaultdict
from dataclasses import dataclass, field

from domain.tasks import Item, Key


@dataclass(slots=True)
class TrueChange:
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

    @property
    def is_of_a_task(self) -> bool:
        return self.key[1].startswith("task-")


@dataclass(slots=True)
class Revision:
    """A version of a document of the ledger; ``licence`` is ``None`` for a deletion."""

    document_id: str
    version: int
    licence: Item | None
    is_good: bool
    captured: list[str] = field(default_factory=list)


class Truth:
    """All that happened, in order."""

    def __init__(self) -> None:
        self.changes: list[TrueChange] = []
        self.of_item: defaultdict[Key, list[TrueChange]] = defaultdict(list)
        self.revisions: list[Revision] = []
        self.of_document: defaultdict[str, list[Revision]] = defaultdict(list)
        self._last_moment = 0

    def note(self, change: TrueChange) -> None:
        self.changes.append(change)
        self.of_item[change.key].append(change)

    def moment(self, now: float) -> int:
        """Return the time of the next change in microseconds."""
        self._last_moment = max(int(now * 1_000_000), self._last_moment + 1)
        return self._last_moment

    def revise(self, revision: Revision) -> None:
        self.revisions.append(revision)
        self.of_document[revision.document_id].append(revision)

    def tasks(self) -> dict[Key, list[TrueChange]]:
        """Return the changes of each task."""
        return {key: changes for key, changes in self.of_item.items() if key[1].startswith("task-")}
