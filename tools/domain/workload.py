"""What happens to the tasks of a few lists: writes drawn one by one, each from how the table stands."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from random import Random

from domain.tasks import DEFECTS, STATUSES, Item, Key, keys, task


class WriteKind(StrEnum):
    """What a write does to its item."""

    INSERT = "tasks created"
    STATUS = "statuses changed"
    EDIT = "descriptions edited"
    HOT = "changes of hot tasks"
    SAME = "writes that change nothing"
    DELETE = "tasks deleted"
    EXPIRE = "tasks left to expire"
    REBORN = "tasks created again"
    SPOIL = "malformed items, past the API"
    HEAL = "malformed items written properly"
    OTHER = "items that are not tasks"


@dataclass(frozen=True, slots=True)
class Write:
    """One write; ``item`` is the whole item afterwards, ``None`` for a deletion, by TTL or by a caller."""

    kind: WriteKind
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

    def __iter__(self) -> Iterator[Key]:
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

    def __init__(self, chance: Random, lists: int, hot_tasks: int, shares: Mapping[WriteKind, float]) -> None:
        """``shares`` says how often each kind of write is drawn, as weights; a kind without a share never is."""
        self._chance = chance
        self._lists = [f"list-{number:02d}" for number in range(lists)]
        self._hot_tasks = hot_tasks
        self._made = 0
        self._hot: list[Key] = []
        self._good, self._gone, self._spoilt = Keys(), Keys(), Keys()
        self._kinds, self._weights = list(shares), list(shares.values())
        self.items: dict[Key, Item] = {}

    def draw(self) -> Write:
        """Draw the next write."""
        kind = self._chance.choices(self._kinds, self._weights)[0]
        if kind is WriteKind.OTHER:
            key = (self._chance.choice(self._lists), "settings")
            return Write(kind, key, keys(key) | {"colour": {"S": f"grey-{self._chance.randrange(100)}"}})
        if kind is WriteKind.INSERT or len(self._good) < self._hot_tasks * 2:
            return self._put(WriteKind.INSERT, self._new_key(), "open")
        if kind is WriteKind.REBORN and len(self._gone):
            return self._put(kind, self._gone.draw(self._chance), self._chance.choice(STATUSES))
        if kind is WriteKind.HEAL and len(self._spoilt):
            return self.heal(self._spoilt.draw(self._chance))
        if kind is WriteKind.SPOIL:
            return self.spoil(self._chance.choice(DEFECTS))
        return self._change(kind)

    def spoil(self, defect: Callable[[Item], Item], *, existing: bool = True) -> Write:
        """Write a task malformed, one that exists or a new one. Only ``heal`` writes to it again."""
        key = self._good.draw(self._chance) if existing else self._new_key()
        self.items[key] = item = defect(self.items.get(key) or task(key, "written past the API"))
        self._good.discard(key)
        self._spoilt.add(key)
        return Write(WriteKind.SPOIL, key, item)

    def heal(self, key: Key) -> Write:
        """Write an item properly that was spoilt."""
        return self._put(WriteKind.HEAL, key, "done")

    def spoilt(self) -> list[Key]:
        """Return the items that are malformed as they stand."""
        return list(self._spoilt)

    def _put(self, kind: WriteKind, key: Key, status: str) -> Write:
        self._made += 1
        due = f"2026-0{self._chance.randint(2, 9)}-01" if self._chance.random() < 0.3 else None
        self.items[key] = item = task(key, f"errand {self._made}", status, due)
        self._good.add(key)
        self._gone.discard(key)
        self._spoilt.discard(key)
        return Write(kind, key, item)

    def _change(self, kind: WriteKind) -> Write:
        key = self._hot_key() if kind is WriteKind.HOT else self._good.draw(self._chance)
        item = self.items[key]
        match kind:
            case WriteKind.DELETE | WriteKind.EXPIRE:
                del self.items[key]
                self._good.discard(key)
                self._gone.add(key)
                return Write(kind, key, None)
            case WriteKind.EDIT:
                self._made += 1
                item = item | {"description": {"S": f"errand {self._made}"}}
            case WriteKind.SAME:
                return Write(kind, key, item)
            case _:
                others = [status for status in STATUSES if status != item["status"]["S"]]
                item = item | {"status": {"S": self._chance.choice(others)}}
        self.items[key] = item
        return Write(kind, key, item)

    def _hot_key(self) -> Key:
        """One of a few tasks that change again and again, until they end as others do."""
        self._hot = [key for key in self._hot if key in self._good]
        while len(self._hot) < self._hot_tasks:
            self._hot.append(self._good.draw(self._chance))
        return self._chance.choice(self._hot)

    def _new_key(self) -> Key:
        self._made += 1
        return self._chance.choice(self._lists), f"task-{self._made:05d}"
