"""Conditions that an item is held against, and updates that make a new item of it."""

from __future__ import annotations

from typing import Any

from moto.dynamodb.exceptions import ConditionalCheckFailed, ItemSizeTooLarge, ItemSizeToUpdateTooLarge
from moto.dynamodb.models.dynamo_type import Item
from moto.dynamodb.models.table import Table
from moto.dynamodb.parsing.executors import UpdateExpressionExecutor
from moto.dynamodb.parsing.validators import UpdateExpressionValidator

from .expressions import KeptConditionParser, parsed_update
from .simple_updates import apply_simple_update


def check_condition(
    item: Item | None,
    expression: str | None,
    names: dict[str, Any] | None,
    values: dict[str, Any] | None,
    on_failure: str | None,
) -> None:
    """Raise moto's ConditionalCheckFailed, with the item if the caller asked for it."""
    if not expression:
        return
    if KeptConditionParser(expression, names, values).parse().expr(item):
        return
    if on_failure == "ALL_OLD" and item is not None:
        raise ConditionalCheckFailed(item=item.to_json()["Attributes"])
    raise ConditionalCheckFailed


def apply_update(
    expression: str, item: Item, table: Table, names: dict[str, Any] | None, values: dict[str, Any] | None
) -> None:
    """Carry out an update expression on an item that is not stored yet."""
    try:
        if not apply_simple_update(expression, item, names or {}, values or {}, set(table.attribute_keys)):
            _apply_any_update(expression, item, table, names, values)
    except ItemSizeTooLarge:
        raise ItemSizeToUpdateTooLarge from None


def _apply_any_update(
    expression: str, item: Item, table: Table, names: dict[str, Any] | None, values: dict[str, Any] | None
) -> None:
    validated = UpdateExpressionValidator(
        parsed_update(expression),
        expression_attribute_names=names,  # type: ignore[arg-type]
        expression_attribute_values=values,  # type: ignore[arg-type]
        item=item,
        table=table,
    ).validate()
    validated.normalize()
    UpdateExpressionExecutor(validated, item, names).execute()  # type: ignore[arg-type]
