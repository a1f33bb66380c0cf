"""moto's DynamoDB with what a streamed table needs of it: the capture, the streams, and transactions without copies."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

from moto.dynamodb.models import DynamoDBBackend
from moto.dynamodb.models.dynamo_type import Item

from .capture import Capture
from .clock import Clock
from .state.keeper import Keeper
from .table_stream import TableStream


class WrittenTable(Protocol):
    """A table whose writes can be undone until they are emitted."""

    def restore(self, item: Item | None, other: Item | None) -> None: ...

    def emit(self, old: Item | None, new: Item | None) -> None: ...


class WriteLog:
    """Writes of one transaction, held back until it is known to go through."""

    def __init__(self) -> None:
        self.writes: list[tuple[WrittenTable, Item | None, Item | None]] = []

    def undo(self) -> None:
        for table, old, new in reversed(self.writes):
            table.restore(old, new)


class TransactedBackend(DynamoDBBackend):
    """moto's DynamoDB of one account and region, with one transaction at a time."""

    def __init__(self, region_name: str, account_id: str, capture: Capture, clock: Clock, keeper: Keeper) -> None:
        super().__init__(region_name, account_id)
        self.capture = capture
        self.clock = clock
        self.keeper = keeper
        self.streams: dict[str, TableStream] = {}
        """By ARN; those of deleted tables and disabled ones stay readable for 24 hours."""
        self.transaction: WriteLog | None = None

    @contextmanager
    def transacting(self) -> Iterator[None]:
        """Do the writes within together: on an error none has happened, and none has left a record."""
        log = self.transaction = WriteLog()
        try:
            yield
        except BaseException:
            self.transaction = None
            log.undo()
            raise
        self.transaction = None
        with self.keeper.together():
            for table, old, new in log.writes:
                table.emit(old, new)
