"""A table that holds the newest state of each item, and refuses what is older than what it has."""

from collections.abc import Callable, Mapping
from time import time
from typing import Any

from botocore.exceptions import ClientError

from changestream.aws.refusals import error_code, refusals_translated
from changestream.core.position import Position

SECONDS_PER_DAY = 86_400
WATERMARK = "watermark"
"""The attribute that carries the position of the change that wrote the row."""

TOMBSTONE_EXPIRY = "tombstoneExpiresAt"
"""The attribute by which the table's TTL removes tombstones."""

Item = Mapping[str, Any]


class GuardedTable:
    """Writes one row per item, each on condition that the row has no watermark or a lower one.

    A removal leaves a tombstone: the key, the watermark, and ``tombstoneExpiresAt`` for the table's TTL. Items may have
    an expiry of their own, so the name is one that they do not use.
    """

    def __init__(self, client: Any, table: str, tombstone_days: int, clock: Callable[[], float] = time) -> None:
        self._client = client
        self._table = table
        self._tombstone_seconds = tombstone_days * SECONDS_PER_DAY
        self._clock = clock

    def put(self, item: Item, position: Position) -> bool:
        """Write an item; return whether it was written, ``False`` meaning that the row is as new or newer."""
        return self._write(dict(item) | {WATERMARK: {"S": position}}, position)

    def bury(self, keys: Item, position: Position) -> bool:
        """Leave a tombstone; return as ``put`` does."""
        expires_at = int(self._clock()) + self._tombstone_seconds
        return self._write(
            dict(keys) | {WATERMARK: {"S": position}, TOMBSTONE_EXPIRY: {"N": str(expires_at)}}, position
        )

    def watermark(self, keys: Item) -> Position | None:
        """Return the position that a row carries, strongly consistent, ``None`` where there is no row."""
        with refusals_translated(f"reading a row of {self._table}"):
            answer = self._client.get_item(
                TableName=self._table,
                Key=dict(keys),
                ConsistentRead=True,
                ProjectionExpression="#watermark",
                ExpressionAttributeNames={"#watermark": WATERMARK},
            )
        row = answer.get("Item", {})
        return Position(row[WATERMARK]["S"]) if WATERMARK in row else None

    def _write(self, row: dict[str, Any], position: Position) -> bool:
        with refusals_translated(f"writing a row of {self._table}"):
            try:
                self._client.put_item(
                    TableName=self._table,
                    Item=row,
                    ConditionExpression="attribute_not_exists(#watermark) OR #watermark < :position",
                    ExpressionAttributeNames={"#watermark": WATERMARK},
                    ExpressionAttributeValues={":position": {"S": position}},
                )
            except ClientError as error:
                if error_code(error) == "ConditionalCheckFailedException":
                    return False
                raise
        return True
