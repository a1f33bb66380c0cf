"""The writes of the demo: what happens to a few hundred tasks, drawn from a seed."""

import random
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from domain import tasks
from domain.tasks import STATUSES, Item, Key, task

HOT_TASKS = 6
DEFECTS: Sequence[Callable[[Item], Item]] = (
    *tasks.DEFECTS,
    lambda item: {name: value for name, value in item.items() if name != "createdDate"},
)
"""What goes wrong with items that are written past the API, each once."""


class WriteKind(StrEnum):
    """What a write does to its item."""

    INSERT = "tasks created"
    STATUS = "statuses changed"
    EDIT = "descriptions edited"
    HOT = "changes of hot tasks"
    SAME = "writes that change nothing"
    DELETE = "tasks deleted"
    EXPIRE = "tasks left to expire"
    MALFORMED = "malformed items, past the API"
    OTHER = "items that are not tasks"


SHARES = {
    WriteKind.INSERT: 30,
    WriteKind.STATUS: 26,
    WriteKind.EDIT: 12,
    WriteKind.HOT: 16,
    WriteKind.SAME: 6,
    WriteKind.DELETE: 6,
    WriteKind.EXPIRE: 3,
    WriteKind.OTHER: 1,
}
"""Of a hundred writes; the malformed ones are added to them."""


@dataclass(frozen=True, slots=True)
class PlannedWrite:
    """One write; ``item`` is the whole item afterwards, ``None`` for a deletion."""

    kind: WriteKind
    key: Key
    item: Item | None


@dataclass(frozen=True, slots=True)
class PlannedWrites:
    """The writes in their order; by item the malformed images among them, the proper item that heals each, and the good
    tasks that are left at the end."""

    writes: Sequence[PlannedWrite]
    malformed: dict[Key, Item]
    healed: dict[Key, Item]
    left: dict[Key, Item]

    def kinds(self) -> Counter[WriteKind]:
        """Return how many writes there are of each kind."""
        return Counter(write.kind for write in self.writes)

    def left_to_expire(self) -> set[Key]:
        """Return the tasks that end by their own time."""
        return {write.key for write in self.writes if write.kind is WriteKind.EXPIRE}


class _Drawing:
    """Draws writes one by one, knowing how each task stands."""

    def __init__(self, seed: int, lists: int) -> None:
        self._draw = random.Random(seed)  # noqa: S311 - a repeatable workload, nothing secret
        self._lists = [f"list-{n:02d}" for n in range(lists)]
        self._made = 0
        self.tasks: dict[Key, Item] = {}
        self._hot: list[Key] = []

    def write(self, kind: WriteKind) -> PlannedWrite:
        if kind is WriteKind.OTHER:
            key = (self._draw.choice(self._lists), "settings")
            return PlannedWrite(kind, key, tasks.keys(key) | {"colour": {"S": "green"}})
        if kind is WriteKind.INSERT or len(self.tasks) < HOT_TASKS * 2:
            return self._insert()
        if kind is WriteKind.HOT:
            key = self._draw.choice(self._hot)
        else:
            key = self._draw.choice([key for key in self.tasks if key not in self._hot])
        return self._change(kind, key)

    def malformed(self, defect: Callable[[Item], Item], *, existing: bool) -> tuple[PlannedWrite, Item]:
        """Spoil a task for good; return the write and the proper item that would heal it."""
        key = self._draw.choice([key for key in self.tasks if key not in self._hot]) if existing else self._new_key()
        proper = self.tasks.pop(key, None) or task(key, "written past the API")
        healed = proper | {"status": {"S": "done"}, "description": {"S": "written properly"}}
        return PlannedWrite(WriteKind.MALFORMED, key, defect(proper)), healed

    def _insert(self) -> PlannedWrite:
        key = self._new_key()
        due = f"2026-0{self._draw.randint(2, 9)}-01" if self._draw.random() < 0.3 else None
        self.tasks[key] = task(key, f"errand {self._made}", due=due)
        if len(self._hot) < HOT_TASKS:
            self._hot.append(key)
        return PlannedWrite(WriteKind.INSERT, key, self.tasks[key])

    def _change(self, kind: WriteKind, key: Key) -> PlannedWrite:
        item = self.tasks[key]
        match kind:
            case WriteKind.DELETE:
                del self.tasks[key]
                return PlannedWrite(kind, key, None)
            case WriteKind.EXPIRE:
                del self.tasks[key]
                return PlannedWrite(kind, key, item)
            case WriteKind.STATUS | WriteKind.HOT:
                others = [status for status in STATUSES if status != item["status"]["S"]]
                item = item | {"status": {"S": self._draw.choice(others)}}
            case WriteKind.EDIT:
                item = item | {"description": {"S": f"{item['description']['S']}, again"}}
        self.tasks[key] = item
        return PlannedWrite(kind, key, item)

    def _new_key(self) -> Key:
        self._made += 1
        return self._draw.choice(self._lists), f"task-{self._made:04d}"


def draw(seed: int, writes: int, lists: int, spoilt: int) -> PlannedWrites:
    """Return a workload of so many writes over so many lists, ``spoilt`` of them malformed, drawn from the seed."""
    drawing = _Drawing(seed, lists)
    spoiling = _spoiling_points(writes, spoilt)
    drawn: list[PlannedWrite] = []
    malformed: dict[Key, Item] = {}
    healed: dict[Key, Item] = {}
    chooser = random.Random(seed + 1)  # noqa: S311 - as above
    while len(drawn) < writes:
        if len(drawn) in spoiling:
            number = len(malformed)
            write, proper = drawing.malformed(DEFECTS[number % len(DEFECTS)], existing=number % 2 == 0)
            malformed[write.key], healed[write.key] = write.item or {}, proper
        else:
            write = drawing.write(chooser.choices(list(SHARES), list(SHARES.values()))[0])
        drawn.append(write)
    return PlannedWrites(drawn, malformed, healed, drawing.tasks)


def _spoiling_points(writes: int, spoilt: int) -> set[int]:
    """Return after which writes an item is spoilt: spread over all but the first fifth."""
    first = writes // 5
    return {first + n * (writes - first) // spoilt for n in range(spoilt)}


def parts(writes: Sequence[PlannedWrite], count: int) -> Iterator[list[PlannedWrite]]:
    """Divide writes among writers so that all writes of one list, and so of one item, stay in order with one writer."""
    lists = sorted({write.key[0] for write in writes})
    writer = {list_id: n % count for n, list_id in enumerate(lists)}
    for n in range(count):
        yield [write for write in writes if writer[write.key[0]] == n]
