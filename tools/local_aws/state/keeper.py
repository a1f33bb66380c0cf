"""How the services tell what must outlive the endpoint, and the containers whose content is told entry by entry."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterable, Mapping
from contextlib import AbstractContextManager, nullcontext
from typing import Any, Protocol
from uuid import uuid4


class KeptItems(defaultdict[Any, Any]):
    """The items of one table, as moto lays them out; its name is for life."""

    def __init__(self, name: str | None = None, content: Mapping[Any, Any] | None = None) -> None:
        super().__init__(dict, content or {})
        self.name = name or uuid4().hex

    def __reduce__(self) -> tuple[Any, ...]:
        return KeptItems, (self.name, dict(self))

    def set(self, hash_key: Any, range_key: Any, item: Any) -> None:
        """Put an item in its place, or empty that."""
        place, key = (self, hash_key) if range_key is None else (self[hash_key], range_key)
        if item is None:
            place.pop(key, None)
        else:
            place[key] = item


class KeptEntries(list[Any]):
    """The entries of one shard, oldest first; its name is for life."""

    def __init__(self, name: str | None = None, content: Iterable[Any] = ()) -> None:
        super().__init__(content)
        self.name = name or uuid4().hex

    def __reduce__(self) -> tuple[Any, ...]:
        return KeptEntries, (self.name, list(self))


type Kept = KeptItems | KeptEntries


class Keeper(Protocol):
    """Is told of changes as they are made, by whoever holds the lock of the service."""

    def item(self, items: KeptItems, hash_key: Any, range_key: Any, item: Any) -> None:
        """An item has been put in its place, or None: the place is empty now."""

    def entry(self, entries: KeptEntries, entry: Any) -> None:
        """An entry has been appended."""

    def note(self, kind: str, key: Hashable, value: Any) -> None:
        """A small value has replaced the former one of its kind and key."""

    def touch(self) -> None:
        """Something else has changed, in the course of a request that may not look like it."""

    def together(self) -> AbstractContextManager[None]:
        """What this thread tells within outlives the endpoint as a whole or not at all."""
        ...


class Forgetful:
    """Keeps nothing: the endpoint has no state directory."""

    def item(self, items: KeptItems, hash_key: Any, range_key: Any, item: Any) -> None:
        """Forget it."""

    def entry(self, entries: KeptEntries, entry: Any) -> None:
        """Forget it."""

    def note(self, kind: str, key: Hashable, value: Any) -> None:
        """Forget it."""

    def touch(self) -> None:
        """Forget it."""

    def together(self) -> AbstractContextManager[None]:
        return nullcontext()
