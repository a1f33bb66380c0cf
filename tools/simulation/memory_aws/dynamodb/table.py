"""One table: its rows by key, and who is told of a change."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from hashlib import md5
from typing import Any

from event_source_mapping.memory.attribute_sizes import size_of
from simulation.memory_aws.dynamodb.values import Item, number
from simulation.memory_aws.errors import invalid

ITEM_BYTES = 400 * 1024
HASH_KEY_BYTES, RANGE_KEY_BYTES = 2048, 1024
TTL_IDENTITY = {"PrincipalId": "dynamodb.amazonaws.com", "Type": "Service"}

Place = tuple[Any, Any]
"""Hash and range value of a key, as Python compares them; the latter ``None`` in a table without one."""

SCHEMA = "The provided key element does not match the schema"
TOO_LARGE = "Item size has exceeded the maximum allowed size"
TOO_LARGE_TO_UPDATE = "Item size to update has exceeded the maximum allowed size"


@dataclass(frozen=True, slots=True)
class RowChange:
    """What one write did to one row. The images are the table's own and not to be changed."""

    table: str
    keys: Item
    old: Item | None
    new: Item | None
    at: float
    user_identity: dict[str, str] | None = None
    sizes: tuple[int, int] = (0, 0)
    """Of the new and the old image, in bytes."""


@dataclass(slots=True)
class Table:
    """Rows and their settings; whoever is in ``on_change`` hears of each write that changed something, in order."""

    name: str
    arn: str
    keys: dict[str, str]
    now: Callable[[], float]
    ttl_attribute: str | None = None
    on_change: list[Callable[[RowChange], None]] = field(default_factory=list)
    rows: dict[Any, dict[Any, Item]] = field(default_factory=dict)
    _sizes: dict[Place, int] = field(default_factory=dict)
    _measured: tuple[Item | None, int] = None, 0
    """The item that was last measured: most often the one that is written next."""

    @property
    def hash_key(self) -> str:
        return next(iter(self.keys))

    @property
    def range_key(self) -> str | None:
        return next(iter([*self.keys][1:]), None)

    def place_of_key(self, key: dict[str, Any]) -> Place:
        """Return where a key of a call leads to. Raises ``Refusal`` unless it is just the table's key."""
        if len(key) != len(self.keys):
            raise invalid(SCHEMA)
        try:
            return self._place(key)
        except KeyError:
            raise invalid(SCHEMA) from None

    def place_of_item(self, item: Item) -> Place:
        """Return where an item belongs. Raises ``Refusal``."""
        try:
            return self._place(item)
        except KeyError:
            raise self._misfit(item) from None

    def _place(self, item: Item) -> Place:
        place: list[Any] = []
        limit = HASH_KEY_BYTES
        for name, kind in self.keys.items():
            content = item[name][kind]
            if kind == "N":
                content = number(content)
            elif not content:
                raise invalid(
                    "One or more parameter values are not valid. The AttributeValue for a key attribute cannot "
                    f"contain an empty {'string' if kind == 'S' else 'binary'} value. Key: {name}"
                )
            elif len(content) * 4 > limit and len(content.encode() if kind == "S" else content) > limit:
                which = "hashkey" if limit == HASH_KEY_BYTES else "rangekey"
                raise invalid(
                    f"One or more parameter values were invalid: Size of {which} has exceeded the maximum size limit "
                    f"of {limit} bytes"
                )
            place.append(content)
            limit = RANGE_KEY_BYTES
        return place[0], place[1] if len(place) > 1 else None

    def _misfit(self, item: Item) -> Exception:
        for name, kind in self.keys.items():
            if name not in item:
                return invalid(f"One or more parameter values were invalid: Missing the key {name} in the item")
            if kind not in item[name]:
                return invalid(
                    f"One or more parameter values were invalid: Type mismatch for key {name} expected: {kind} "
                    f"actual: {next(iter(item[name]))}"
                )
        raise AssertionError("the item has the table's key")

    def get(self, place: Place) -> Item | None:
        collection = self.rows.get(place[0])
        return None if collection is None else collection.get(place[1])

    def refuse_too_large(self, item: Item, message: str = TOO_LARGE) -> None:
        """Raise ``Refusal`` for an item that DynamoDB does not take."""
        size = size_of(item)
        if size > ITEM_BYTES:
            raise invalid(message)
        self._measured = item, size

    def write(self, place: Place, new: Item | None, user_identity: dict[str, str] | None = None) -> None:
        """Put a row in its place, or empty it, and tell of it if that changes anything."""
        old = self.get(place)
        if old is new or old == new:
            return
        measured, size = self._measured
        sizes = size if new is measured else size_of(new or {}), self._sizes.get(place, 0)
        if new is None:
            del self.rows[place[0]][place[1]]
            del self._sizes[place]
        else:
            self.rows.setdefault(place[0], {})[place[1]] = new
            self._sizes[place] = sizes[0]
        if self.on_change:
            present: Item = new or old or {}
            keys = {name: present[name] for name in self.keys}
            change = RowChange(self.name, keys, old, new, self.now(), user_identity, sizes)
            for listener in self.on_change:
                listener(change)

    def expire(self) -> int:
        """Delete what its time to live is over for, as DynamoDB does some time later; return how many went."""
        attribute, now = self.ttl_attribute, self.now()
        expired = [
            (hash_value, range_value)
            for hash_value, collection in self.rows.items()
            for range_value, row in collection.items()
            if attribute in row and "N" in row[attribute] and float(row[attribute]["N"]) < now
        ]
        for place in expired:
            self.write(place, None, TTL_IDENTITY)
        return len(expired)

    def collection(self, hash_value: Any) -> list[tuple[Place, Item]]:
        """Return the rows of one hash value in the order of their range values."""
        rows = self.rows.get(hash_value, {})
        return [((hash_value, each), rows[each]) for each in sorted(rows)]

    def everything(self) -> Iterator[tuple[Place, Item]]:
        """Yield all rows in an order that has nothing to do with their hash values, as AWS's partitions do."""
        for hash_value in sorted(self.rows, key=scattered):
            yield from self.collection(hash_value)


def scattered(hash_value: Any) -> bytes:
    """Return where a hash value comes among those of its table."""
    return md5(repr(hash_value).encode(), usedforsecurity=False).digest()
