"""The writes of the demo, all drawn before the first is made, and divided among several writers."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from random import Random

from domain.tasks import DEFECTS, Item, Key
from domain.workload import DrawnWrites, Write, WriteKind

HOT_TASKS = 6
SHARES: Mapping[WriteKind, float] = {
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
class PlannedWrites:
    """The writes in their order; by item the malformed images among them, the proper item that heals each, and the good
    tasks that are left at the end."""

    writes: Sequence[Write]
    malformed: dict[Key, Item]
    healed: dict[Key, Item]
    left: dict[Key, Item]

    def kinds(self) -> Counter[WriteKind]:
        """Return how many writes there are of each kind."""
        return Counter(write.kind for write in self.writes)

    def left_to_expire(self) -> set[Key]:
        """Return the tasks that end by their own time."""
        return {write.key for write in self.writes if write.kind is WriteKind.EXPIRE}


def draw(seed: int, writes: int, lists: int, spoilt: int) -> PlannedWrites:
    """Return a workload of so many writes over so many lists, ``spoilt`` of them malformed, drawn from the seed."""
    drawing = DrawnWrites(Random(seed), lists, HOT_TASKS, SHARES)  # noqa: S311 - a repeatable workload, nothing secret
    spoiling = _spoiling_points(writes, spoilt)
    drawn: list[Write] = []
    for place in range(writes):
        number = len(drawing.spoilt())
        is_due = place in spoiling
        drawn.append(
            drawing.spoil(DEFECTS[number % len(DEFECTS)], existing=number % 2 == 0) if is_due else drawing.draw()
        )
    malformed = {key: drawing.items[key] for key in drawing.spoilt()}
    left = {key: item for key, item in drawing.items.items() if key not in malformed}
    healed = {key: drawing.heal(key).item or {} for key in malformed}
    return PlannedWrites(drawn, malformed, healed, left)


def _spoiling_points(writes: int, spoilt: int) -> set[int]:
    """Return after which writes an item is spoilt: spread over all but the first fifth."""
    first = writes // 5
    return {first + n * (writes - first) // spoilt for n in range(spoilt)}


def parts(writes: Sequence[Write], count: int) -> Iterator[list[Write]]:
    """Divide writes among writers so that all writes of one list, and so of one item, stay in order with one writer."""
    lists = sorted({write.key[0] for write in writes})
    writer = {list_id: n % count for n, list_id in enumerate(lists)}
    for n in range(count):
        yield [write for write in writes if writer[write.key[0]] == n]
