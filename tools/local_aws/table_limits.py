"""DynamoDB's limits that its service model leaves out.

https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/ServiceQuotas.html
"""

from __future__ import annotations

from collections.abc import Sized
from typing import Any

from .wire import ServiceError

MOST_TABLES = 2500
MOST_GLOBAL_INDEXES, MOST_LOCAL_INDEXES = 20, 5
MOST_PROJECTED = 100
"""Attributes that all indexes of a table together name in NonKeyAttributes."""
MOST_BATCH_WRITES, MOST_BATCH_READS = 25, 100


def check_call(operation: str, call: dict[str, Any], tables: Sized) -> None:
    """Raise `ServiceError` for a batch or a table that is too large."""
    match operation:
        case "BatchWriteItem":
            _check_batch([len(writes) for writes in call["RequestItems"].values()], MOST_BATCH_WRITES)
        case "BatchGetItem":
            _check_batch([len(reads["Keys"]) for reads in call["RequestItems"].values()], MOST_BATCH_READS)
        case "CreateTable":
            if len(tables) >= MOST_TABLES:
                message = f"Subscriber limit exceeded: There is a limit of {MOST_TABLES} tables per subscriber"
                raise ServiceError("LimitExceededException", message)
            _check_indexes(call.get("GlobalSecondaryIndexes") or [], call.get("LocalSecondaryIndexes") or [])
        case "UpdateTable":
            updates = call.get("GlobalSecondaryIndexUpdates") or []
            _check_indexes([each["Create"] for each in updates if each.get("Create")], [])


def _check_batch(lengths: list[int], most: int) -> None:
    if sum(lengths) > most:
        raise ServiceError(
            "ValidationException",
            "1 validation error detected: Value at 'requestItems' failed to satisfy constraint: Map value must "
            f"satisfy constraint: [Member must have length less than or equal to {most}, Member must have length "
            "greater than or equal to 1]",
        )


def _check_indexes(of_table: list[dict[str, Any]], of_partition: list[dict[str, Any]]) -> None:
    for kind, indexes, most in (
        ("GlobalSecondaryIndex", of_table, MOST_GLOBAL_INDEXES),
        ("LocalSecondaryIndex", of_partition, MOST_LOCAL_INDEXES),
    ):
        if len(indexes) > most:
            raise ServiceError(
                "ValidationException",
                f"One or more parameter values were invalid: {kind} count exceeds the per-table limit of {most}",
            )
    projected = sum(
        len((index.get("Projection") or {}).get("NonKeyAttributes") or ()) for index in (*of_table, *of_partition)
    )
    if projected > MOST_PROJECTED:
        raise ServiceError(
            "ValidationException",
            f"One or more parameter values were invalid: the indexes project {projected} non-key attributes, and "
            f"{MOST_PROJECTED} is the limit",
        )
