"""What the endpoint does without being asked: deleting expired items, delivering captured records held back."""

from __future__ import annotations

from decimal import Decimal

from moto.dynamodb.models.dynamo_type import Item

from .services import Services
from .state import StateDirectory
from .table import StreamedTable
from .ticker import Ticker

FLUSH_SECONDS = 0.05
SWEEP_ROUNDS = 20
"""A sweep a second."""

OLDEST_SECONDS = 5 * 365 * 86_400
"""Items whose time lies further back than five years are not deleted by TTL."""


class Background:
    """Goes on from `start` to `close`, which delivers what is still held back."""

    def __init__(self, services: Services, state: StateDirectory | None = None) -> None:
        self._services = services
        self._state = state
        self._rounds = 0
        self._ticker = Ticker("background", FLUSH_SECONDS, self._round)

    def start(self) -> None:
        self._ticker.start()

    def close(self) -> None:
        self._ticker.close()
        self._services.capture.flush(everything=True)

    def _round(self) -> None:
        self._rounds += 1
        self._services.capture.flush()
        if self._rounds % SWEEP_ROUNDS == 0:
            sweep(self._services)
        if self._state is not None:
            self._state.save_if_touched()


def sweep(services: Services) -> int:
    """Delete expired items of all tables with TTL enabled; answer how many.

    https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/TTL.html
    """
    deleted = 0
    with services.lock("dynamodb"):
        for tables in services.all_tables():
            now = tables.clock()
            for table in list(tables.tables.values()):
                if isinstance(table, StreamedTable) and table.ttl.get("TimeToLiveStatus") == "ENABLED":
                    deleted += _sweep_table(table, now)
    return deleted


def _sweep_table(table: StreamedTable, now: float) -> int:
    attribute = table.ttl["AttributeName"]
    expired = [item for item in table.stored_items() if _is_expired(item, attribute, now)]
    table.by_ttl = True
    try:
        for item in expired:
            table.delete_item(item.hash_key, item.range_key)
    finally:
        table.by_ttl = False
    return len(expired)


def _is_expired(item: Item, attribute: str, now: float) -> bool:
    """Only a number counts as a time; whole epoch seconds."""
    value = item.attrs.get(attribute)
    if value is None or value.type != "N":
        return False
    return Decimal(now - OLDEST_SECONDS) < Decimal(value.value) <= Decimal(now)
