"""PartiQL statements: writes are carried out as the single writes that they are, the rest is left to moto."""

from __future__ import annotations

from collections import OrderedDict
from typing import Any

from moto.dynamodb.exceptions import ConditionalCheckFailed, DynamodbException, MockValidationException
from moto.dynamodb.models import DynamoDBBackend
from moto.dynamodb.models.table import Table
from moto.dynamodb.parsing import partiql

from .partiql_writes import PartiqlWrite, understood


class DuplicateItemError(DynamodbException):
    """INSERT found an item of the same key."""

    def __init__(self) -> None:
        code = "com.amazonaws.dynamodb.v20120810#DuplicateItemException"
        super().__init__(code, "Duplicate primary key exists in table")


def execute(tables: DynamoDBBackend, statement: str, parameters: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Write what is a write; of the rest, show moto only the tables that are named: it copies all that it sees."""
    write = understood(statement, parameters)
    if write is not None:
        _carry_out(tables, write)
        return []
    everything = tables.tables
    named = {name.partition(".")[0] for name in partiql.get_query_metadata(statement).get_table_names()}
    tables.tables = OrderedDict((name, table) for name, table in everything.items() if name in named)
    try:
        return DynamoDBBackend.execute_statement(tables, statement, parameters)
    finally:
        tables.tables = everything


def execute_each(tables: DynamoDBBackend, asked: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Each by itself: one that is refused holds none of the others back."""
    return [answer for statement in asked for answer in _answered(tables, statement)]


def _answered(tables: DynamoDBBackend, statement: dict[str, Any]) -> list[dict[str, Any]]:
    write = understood(statement["Statement"], statement.get("Parameters", []))
    if write is None:
        return DynamoDBBackend.batch_execute_statement(tables, [statement])
    try:
        _carry_out(tables, write)
    except DynamodbException as error:
        name = str(error.error_type).rpartition("#")[2].removesuffix("Exception")
        code = "ValidationError" if name == "Validation" else name
        return [{"TableName": write.table, "Error": {"Code": code, "Message": error.message}}]
    return [{"TableName": write.table}]


def _carry_out(tables: DynamoDBBackend, write: PartiqlWrite) -> None:
    table = tables.get_table(write.table)
    if write.verb == "INSERT":
        _insert(table, write.item)
        return
    key = write.key(table.attribute_keys)
    if key is None:
        raise MockValidationException("Where clause does not contain a mandatory equality on all key attributes")
    names, values, where = write.names, write.values, " ".join(write.where)
    if write.verb == "UPDATE":
        tables.update_item(table.name, key, write.update, names, values, condition_expression=where)
    elif table.get_item(*tables.get_keys_value(table, key)) is not None:
        tables.delete_item(table.name, key, names, values, where)


def _insert(table: Table, item: dict[str, Any]) -> None:
    if not set(table.attribute_keys) <= item.keys():
        raise MockValidationException("One of the required keys was not given a value")
    names = {"#key": table.hash_key_attr}
    try:
        table.put_item(item, condition_expression="attribute_not_exists(#key)", expression_attribute_names=names)
    except ConditionalCheckFailed as error:
        raise DuplicateItemError from error
