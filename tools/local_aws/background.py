"""What the endpoint does without being asked: deleting expired items, delivering captured records held back."""

from __future__ import annotations

import threading
import traceback
from decimal import Decimal

from moto.dynamodb.models.dynamo_type import Item

from .services import Services
from .state import StateDirectory
from .table import StreamedTable

SWEEP_SECONDS = 1.0
FLUSH_SECONDS = 0.05
OLDEST_SECONDS = 5 * 365 * 86_400
"""Items whose time lies further back than five years are not deleted by TTL."""


class Background:
    """One thread; `close` ends it and delivers what is still held back."""

    def __init__(self, services: Services, state: StateDirectory | None = None) -> None:
        self._services = services
        self._state = state
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, name="background", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def close(self) -> None:
        self._ended.set()
        if self._thread.is_alive():
            self._thread.join(timeout=2)
        self._services.capture.flush(everything=True)

    def _run(self) -> None:
        rounds = round(SWEEP_SECONDS / FLUSH_SECONDS)
        count = 0
        while not self._ended.wait(FLUSH_SECONDS):
            count += 1
            try:
                self._services.capture.flush()
                if count % rounds == 0:
                    sweep(self._services)
                if self._state is not None:
                    self._state.save_if_touched()
            except Exception:  # the thread must live on; whoever runs the endpoint has to see this
                traceback.print_exc()


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
