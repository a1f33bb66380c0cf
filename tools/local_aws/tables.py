"""moto's DynamoDB with tables of our own: updates that do not alter stored items, transactions without copies."""

from __future__ import annotations

import copy
from typing import Any, cast

import moto.dynamodb.urls
from moto.dynamodb.comparisons import get_expected
from moto.dynamodb.exceptions import ConditionalCheckFailed, ResourceInUseException
from moto.dynamodb.models.dynamo_type import Item
from moto.dynamodb.models.table import Table

from .conditions import apply_update, check_condition
from .statements import execute, execute_each
from .table import StreamedTable
from .table_backend import TransactedBackend
from .transactions import transact


class StreamedTables(TransactedBackend):
    """moto's DynamoDB of one account and region, with `StreamedTable` for its tables."""

    @property
    def _url_module(self) -> Any:
        """moto looks for the routes beside the module of the class."""
        return moto.dynamodb.urls

    def create_table(self, name: str, *args: Any, **settings: Any) -> Table:
        if name in self.tables:
            raise ResourceInUseException(f"Table already exists: {name}")
        self.tables[name] = StreamedTable(self, name, *args, **settings)
        return self.tables[name]

    def streamed(self, name: str) -> StreamedTable:
        """A table by name or ARN, of the type that all tables have here."""
        return cast("StreamedTable", self.get_table(name))

    def delete_table(self, name: str) -> Table:
        table = super().delete_table(name)
        if isinstance(table, StreamedTable):
            if table.stream is not None and table.stream.enabled:
                table.stream.disable()
            self.capture.forget(table)
        return table

    def update_table_streams(self, table: Table, stream_specification: dict[str, Any]) -> None:
        enabling = stream_specification.get("StreamEnabled") or stream_specification.get("StreamViewType")
        if enabling and (table.stream_specification or {}).get("StreamEnabled"):
            raise ResourceInUseException("Table already has an enabled stream")
        table.set_stream_specification(stream_specification)

    def update_item(
        self,
        table_name: str,
        key: dict[str, dict[str, Any]],
        update_expression: str,
        expression_attribute_names: dict[str, Any] | None,
        expression_attribute_values: dict[str, Any] | None,
        attribute_updates: dict[str, Any] | None = None,
        expected: dict[str, Any] | None = None,
        condition_expression: str | None = None,
        return_values_on_condition_check_failure: str | None = None,
    ) -> Item:
        table = self.streamed(table_name)
        hash_value, range_value = self.get_keys_value(table, key)
        old = table.get_item(hash_value, range_value)
        if not get_expected(expected or {}).expr(old):
            raise ConditionalCheckFailed
        check_condition(
            old,
            condition_expression,
            expression_attribute_names,
            expression_attribute_values,
            return_values_on_condition_check_failure,
        )
        new = copy.deepcopy(old) if old is not None else Item(hash_value, range_value, key)
        if attribute_updates:
            new.validate_no_empty_key_values(attribute_updates, table.attribute_keys)
            new.update_with_attribute_updates(attribute_updates)
        if update_expression:
            apply_update(update_expression, new, table, expression_attribute_names, expression_attribute_values)
        table.replace(old, new)
        return new

    def execute_statement(self, statement: str, parameters: list[dict[str, Any]]) -> list[dict[str, Any]]:
        return execute(self, statement, parameters)

    def batch_execute_statement(self, statements: list[dict[str, Any]]) -> list[dict[str, Any]]:
        return execute_each(self, statements)

    def execute_transaction(self, statements: list[dict[str, Any]]) -> list[dict[str, Any]]:
        with self.transacting():
            return super().execute_transaction(statements)

    def transact_write_items(self, transact_items: list[dict[str, Any]]) -> None:
        transact(self, transact_items)
