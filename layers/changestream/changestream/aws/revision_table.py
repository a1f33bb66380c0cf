"""Rows that are written once per change: the row is a function of the change, so writing it again changes nothing."""

from collections.abc import Callable, Mapping, Sequence
from random import uniform
from time import sleep
from typing import Any

from changestream.aws.refusals import refusals_translated
from changestream.core.errors import TransientError

WRITE_LIMIT = 25
"""Puts of one BatchWriteItem (API reference)."""

UNPROCESSED_ROUNDS = 4
UNPROCESSED_PAUSE_SECONDS = 0.05

Row = Mapping[str, Any]


class RevisionTable:
    """Writes rows in bulk. The rows of one call must have different keys."""

    def __init__(self, client: Any, table: str, pause: Callable[[float], None] = sleep) -> None:
        self._client = client
        self._table = table
        self._pause = pause

    def write(self, rows: Sequence[Row]) -> None:
        """Write up to ``WRITE_LIMIT`` rows.

        Raises ``Unprocessable`` where DynamoDB will never take one of them (then none of the call is known to be
        written), ``TransientError`` where it refuses or leaves some unwritten.
        """
        requests: list[Any] = [{"PutRequest": {"Item": row}} for row in rows]
        for attempt in range(UNPROCESSED_ROUNDS):
            with refusals_translated(f"writing {len(requests)} rows of {self._table}"):
                answer = self._client.batch_write_item(RequestItems={self._table: requests})
            requests = answer.get("UnprocessedItems", {}).get(self._table, [])
            if not requests:
                return
            self._pause(uniform(0, UNPROCESSED_PAUSE_SECONDS * 2**attempt))  # noqa: S311 - spreads load only
        raise TransientError(f"{len(requests)} rows of {self._table} stayed unwritten: it is throttled")
