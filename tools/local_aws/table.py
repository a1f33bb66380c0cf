"""One of moto's tables, with one place through which every kind of write passes.

A stored item is never changed, only replaced: so an old image costs no copy, and a transaction is undone by
putting back the items that it replaced. The DynamoDB lock (services.py) guards all of it.
"""

from __future__ import annotations

import copy
from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Any

from moto.dynamodb.models.dynamo_type import DynamoType, Item
from moto.dynamodb.models.table import Table

from .changes import ItemChange, change_between
from .state.keeper import KeptItems
from .table_backend import TransactedBackend
from .table_stream import StreamViewType, TableStream


class StreamedTable(Table):
    """A table whose changes go to its stream and to the Kinesis streams that capture it."""

    stream: TableStream | None = None
    by_ttl: bool = False
    """True while the sweeper deletes."""

    def __init__(self, backend: TransactedBackend, name: str, **settings: Any) -> None:
        self.backend = backend
        super().__init__(name, account_id=backend.account_id, region=backend.region_name, **settings)
        self.items = KeptItems()
        # moto's tables call `add` of this member for every item that they store or delete.
        self.stream_shard = self  # type: ignore[assignment]

    def is_created(self) -> bool:
        return True

    @classmethod
    def update_from_cloudformation_json(cls, *args: Any, **kwargs: Any) -> Any:
        raise NotImplementedError("stacks update tables through the API: stack/table_kinds.py")

    def add(self, old: Item | None, new: Item | None) -> None:
        """Take note of one write: at once, or when the transaction it belongs to goes through."""
        if self.backend.transaction is not None:
            self.backend.transaction.writes.append((self, old, new))
        else:
            self.emit(old, new)

    def emit(self, old: Item | None, new: Item | None) -> None:
        change = change_between(old, new, self.table_key_attrs, self.backend.clock(), self.by_ttl)
        if change is None:
            return
        keeper, place = self.backend.keeper, new or old
        assert place is not None  # noqa: S101 - else nothing has changed
        with keeper.together():
            keeper.item(self._kept_items(), place.hash_key, place.range_key, new)
            self._record(change)
            self.backend.capture.take(self, change)

    def _record(self, change: ItemChange) -> None:
        stream, keeper = self.stream, self.backend.keeper
        if stream is None or not stream.enabled:
            return
        if stream.is_due_to_roll(change.at):
            stream.roll()
            keeper.touch()
        entry = stream.append(change)
        keeper.entry(stream.shards[-1].log.entries, entry)

    def _kept_items(self) -> KeptItems:
        """The table's items, in a container that can be told entry by entry: moto fills restored tables otherwise."""
        if not isinstance(self.items, KeptItems):
            self.items = KeptItems(content=self.items)
            self.backend.keeper.touch()
        return self.items

    def replace(self, old: Item | None, new: Item) -> None:
        self.restore(new, old)
        self.add(old, new)

    def restore(self, item: Item | None, other: Item | None) -> None:
        """Put an item back in its place, or empty the place that `other` has."""
        items: dict[DynamoType, Any] = self.items
        if item is not None and item.range_key is not None:
            items[item.hash_key][item.range_key] = item
        elif item is not None:
            items[item.hash_key] = item
        elif other is not None and other.range_key is not None:
            items[other.hash_key].pop(other.range_key, None)
        elif other is not None:
            items.pop(other.hash_key, None)

    def set_stream_specification(self, streams: dict[str, Any] | None) -> None:
        if self.stream is not None and self.stream.enabled:
            self.stream.disable()
        wanted = dict(streams or {})
        if not (wanted.get("StreamEnabled") or wanted.get("StreamViewType")):
            self.stream_specification = {"StreamEnabled": False}
            return
        view_type = StreamViewType(wanted["StreamViewType"])
        self.stream_specification = {"StreamEnabled": True, "StreamViewType": view_type}
        self.stream = TableStream(
            self.table_arn, self.name, self.schema, view_type, self.region_name, self.backend.clock
        )
        self.latest_stream_label = self.stream.label
        self.backend.streams[self.stream.arn] = self.stream

    def stored_items(self) -> Iterator[Item]:
        """Every item, in no particular order."""
        entries: Iterable[Any] = self.items.values()
        for entry in entries:
            if self.range_key_attr is None:
                yield entry
            else:
                yield from entry.values()

    def query(self, hash_key: DynamoType | None, *args: Any, **kwargs: Any) -> Any:
        """Look at one item collection only, where moto sorts and copies the whole table."""
        indexed = kwargs.get("index_name") or (len(args) > 6 and args[6])
        if indexed or hash_key is None:
            return super().query(hash_key, *args, **kwargs)
        narrow = copy.copy(self)
        narrow.items = defaultdict(dict)
        if hash_key in self.items:
            narrow.items[hash_key] = self.items[hash_key]
        return Table.query(narrow, hash_key, *args, **kwargs)

    def __deepcopy__(self, memo: dict[int, Any]) -> StreamedTable:
        """Copy for a backup: the table as it is, without its stream or backend."""
        twin = copy.copy(self)
        twin.stream = None
        twin.items = defaultdict(dict, copy.deepcopy(dict(self.items), memo))
        return twin
