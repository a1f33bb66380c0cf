"""What happens to the tasks of a few lists: writes drawn one by one, each from how the table stands."""

from dataclasses import dataclass
from enum import StrEnum
from random import Random
from typing import Any

from domain.tasks import DEFECTS, STATUSES, Item, Key, keys, task

HOT_TASKS = 3


class DrawnKind(StrEnum):
    """What a write does to its item."""

    INSERT = "insert"
    STATUS = "status"
    EDIT = "edit"
    HOT = "hot"
    SAME = "same"
    DELETE = "delete"
    EXPIRE = "expire"
    REBORN = "reborn"
    SPOIL = "spoil"
    HEAL = "heal"
    OTHER = "other"


SHARES = {
    DrawnKind.INSERT: 24,
    DrawnKind.STATUS: 22,
    DrawnKind.EDIT: 10,
    DrawnKind.HOT: 16,
    DrawnKind.SAME: 2,
    DrawnKind.DELETE: 8,
    DrawnKind.EXPIRE: 6,
    DrawnKind.REBORN: 7,
    DrawnKind.SPOIL: 2,
    DrawnKind.HEAL: 2,
    DrawnKind.OTHER: 1,
}
"""Of a hundred writes."""


@dataclass(frozen=True, slots=True)
class Write:
    """One write; ``item`` is the whole item afterwards, ``None`` for a deletion, by TTL or by a caller."""

    kind: DrawnKind
    key: Key
    item: Item | None


class Keys:
    """A set of keys to draw from, in the order in which they came."""

    def __init__(self) -> None:
        self._keys: list[Key] = []
        self._places: dict[Key, int] = {}

    def __len__(self) -> int:
        return len(self._keys)

    def __contains__(self, key: Key) -> bool:
        return key in self._places

    def __iter__(self) -> Any:
        return iter(list(self._keys))

    def add(self, key: Key) -> None:
        if key not in self._places:
            self._places[key] = len(self._keys)
            self._keys.append(key)

    def discard(self, key: Key) -> None:
        place = self._places.pop(key, None)
        if place is not None:
            last = self._keys.pop()
            if last != key:
                self._keys[place], self._places[last] = last, place

    def draw(self, chance: Random) -> Key:
        return self._keys[chance.randrange(len(self._keys))]


class DrawnWrites:
    """Draws writes; ``items`` is the table of tasks as it is once all of them are made."""

    def __init__(self, chance: Random, lists: int, poison: float) -> None:
        """``poison`` is by how much items are spoilt more often than in ``SHARES``; 0 for never."""
        self._chance = chance
        self._lists = [f"list-{number:02d}" for number in range(lists)]
        self._made = 0
        self._hot: list[Key] = []
        self._good, self._gone, self._spoilt = Keys(), Keys(), Keys()
        self._kinds = list(SHARES)
        self._weights = [share * poison if kind is DrawnKind.SPOIL else share for kind, share in SHARES.items()]
        self.items: dict[Key, Item] = {}

    def draw(self) -> Write:
        """Draw the next write."""
        kind = self._chance.choices(self._kinds, self._weights)[0]
        if kind is DrawnKind.OTHER:
            key = (self._chance.choice(self._lists), "settings")
            return Write(kind, key, keys(key) | {"colour": {"S": f"grey-{self._chance.randrange(100)}"}})
        if kind is DrawnKind.INSERT or len(self._good) < HOT_TASKS * 2:
            return self._put(DrawnKind.INSERT, self._new_key(), "open")
        if kind is DrawnKind.REBORN and len(self._gone):
            return self._put(kind, self._gone.draw(self._chance), self._chance.choice(STATUSES))
        if kind is DrawnKind.HEAL and len(self._spoilt):
            return self.heal(self._spoilt.draw(self._chance))
        return self._change(kind)

    def heal(self, key: Key) -> Write:
        """Write an item properly that was spoilt."""
        return self._put(DrawnKind.HEAL, key, "done")

    def spoilt(self) -> list[Key]:
        """Return the items that are malformed as they stand."""
        return list(self._spoilt)

    def _put(self, kind: DrawnKind, key: Key, status: str) -> Write:
        self._made += 1
        due = f"2026-0{self._chance.randint(2, 9)}-01" if self._chance.random() < 0.3 else None
        self.items[key] = item = task(key, f"errand {self._made}", status, due)
        self._good.add(key)
        self._gone.discard(key)
        self._spoilt.discard(key)
        return Write(kind, key, item)

    def _change(self, kind: DrawnKind) -> Write:
        key = self._hot_key() if kind is DrawnKind.HOT else self._good.draw(self._chance)
        item = self.items[key]
        match kind:
            case DrawnKind.DELETE | DrawnKind.EXPIRE:
                del self.items[key]
                self._good.discard(key)
                self._gone.add(key)
                return Write(kind, key, None)
            case DrawnKind.SPOIL:
                item = self._chance.choice(DEFECTS)(item)
                self._good.discard(key)
                self._spoilt.add(key)
            case DrawnKind.EDIT:
                self._made += 1
                item = item | {"description": {"S": f"errand {self._made}"}}
            case DrawnKind.SAME:
                return Write(kind, key, item)
            case _:
                others = [status for status in STATUSES if status != item["status"]["S"]]
                item = item | {"status": {"S": self._chance.choice(others)}}
        self.items[key] = item
        return Write(kind, key, item)

    def _hot_key(self) -> Key:
        """One of a few tasks that change again and again, until they end as others do."""
        self._hot = [key for key in self._hot if key in self.items and key not in self._spoilt]
        while len(self._hot) < HOT_TASKS:
            self._hot.append(self._good.draw(self._chance))
        return self._chance.choice(self._hot)

    def _new_key(self) -> Key:
        return self._chance.choice(self._lists), f"task-{len(self._good) + len(self._gone) + self._made:05d}"
