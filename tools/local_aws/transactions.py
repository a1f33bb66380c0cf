"""TransactWriteItems: up to 100 writes and checks that all happen or none does.

https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TransactWriteItems.html
"""

from __future__ import annotations

from typing import Any

from moto.dynamodb.exceptions import (
    ConditionalCheckFailed,
    MockValidationException,
    MultipleTransactionsException,
    TooManyTransactionsException,
    TransactionCanceledException,
    TransactWriteSingleOpException,
)

from .conditions import check_condition
from .table_backend import TransactedBackend

_MOST_WRITES = 100
type _Reason = tuple[str | None, str | None, dict[str, Any] | None]


def transact(tables: TransactedBackend, entries: list[dict[str, Any]]) -> None:
    """Do all or none. The caller holds the DynamoDB lock, so nobody sees what lies in between."""
    if len(entries) > _MOST_WRITES:
        raise TooManyTransactionsException
    operations = [_single(entry) for entry in entries]
    _refuse_twice_the_same_item(tables, operations)
    with tables.transacting():
        reasons = [_attempt(tables, kind, operation) for kind, operation in operations]
        if any(code is not None for code, _, _ in reasons):
            raise TransactionCanceledException(reasons)


def _single(entry: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    if len(entry) != 1:
        raise TransactWriteSingleOpException
    return next(iter(entry.items()))


def _refuse_twice_the_same_item(tables: TransactedBackend, operations: list[tuple[str, dict[str, Any]]]) -> None:
    seen: set[tuple[str, str]] = set()
    for kind, operation in operations:
        item = (operation["TableName"], repr(sorted(_key(tables, kind, operation).items())))
        if item in seen:
            raise MultipleTransactionsException
        seen.add(item)


def _key(tables: TransactedBackend, kind: str, operation: dict[str, Any]) -> dict[str, Any]:
    if kind != "Put":
        return dict(operation["Key"])
    table = tables.get_table(operation["TableName"])
    missing = [name for name in table.table_key_attrs if name not in operation["Item"]]
    if missing:
        raise MockValidationException(
            f"One or more parameter values were invalid: Missing the key {missing[0]} in the item"
        )
    return {name: operation["Item"][name] for name in table.table_key_attrs}


def _attempt(tables: TransactedBackend, kind: str, operation: dict[str, Any]) -> _Reason:
    """Do one part; answer its cancellation reason, all None if it went through.

    Every part is looked at even after one has failed: AWS lists a reason for each, in their order.
    """
    table = tables.get_table(operation["TableName"])
    hash_key, range_key = tables.get_keys_value(table, _key(tables, kind, operation))
    current = table.get_item(hash_key, range_key)
    names: Any = operation.get("ExpressionAttributeNames")
    values: Any = operation.get("ExpressionAttributeValues")
    try:
        check_condition(current, operation.get("ConditionExpression"), names, values, None)
    except ConditionalCheckFailed as failure:
        wanted = operation.get("ReturnValuesOnConditionCheckFailure") == "ALL_OLD" and current is not None
        item = current.to_json()["Attributes"] if wanted and current is not None else None
        return "ConditionalCheckFailed", failure.message, item
    match kind:
        case "Put":
            table.put_item(operation["Item"], overwrite=True)
        case "Delete":
            table.delete_item(hash_key, range_key)
        case "Update":
            tables.update_item(operation["TableName"], operation["Key"], operation["UpdateExpression"], names, values)
    return None, None, None
