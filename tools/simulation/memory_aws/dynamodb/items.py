"""Reading and writing single rows."""

from collections.abc import Mapping
from typing import Any

from simulation.memory_aws.dynamodb.expressions import NOT_MET, Expressions
from simulation.memory_aws.dynamodb.table import TOO_LARGE_TO_UPDATE, Place, Table
from simulation.memory_aws.dynamodb.tables import Tables
from simulation.memory_aws.dynamodb.updates import Update
from simulation.memory_aws.dynamodb.values import Item, copied, received_item
from simulation.memory_aws.errors import Refusal, invalid
from simulation.memory_aws.hook import Answer, Call

ON_FAILURE = "ReturnValuesOnConditionCheckFailure"


class ItemCalls:
    """GetItem, PutItem, UpdateItem and DeleteItem."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    def get_item(self, call: Call) -> Answer:
        parameters = call.parameters
        expressions = Expressions(parameters)
        projection = expressions.projection(parameters)
        expressions.complete()
        table = self._tables.table(parameters["TableName"])
        row = table.get(table.place_of_key(received_item(parameters["Key"])))
        if row is None:
            return {}
        return {"Item": copied(projection.of(row) if projection else row)}

    def put_item(self, call: Call) -> Answer:
        parameters = call.parameters
        expressions = Expressions(parameters)
        expressions.complete()
        table = self._tables.table(parameters["TableName"])
        item, place = put_of(table, parameters)
        old = table.get(place)
        if not expressions.met_by(old):
            raise unmet(parameters, old)
        table.write(place, item)
        return _returned(parameters, old, item)

    def update_item(self, call: Call) -> Answer:
        parameters = call.parameters
        expressions = Expressions(parameters)
        expressions.complete()
        table = self._tables.table(parameters["TableName"])
        key, place = update_of(table, parameters, expressions.update)
        old = table.get(place)
        if not expressions.met_by(old):
            raise unmet(parameters, old)
        new = updated(table, key, old, expressions)
        table.write(place, new)
        return _returned(parameters, old, new, expressions.update)

    def delete_item(self, call: Call) -> Answer:
        parameters = call.parameters
        expressions = Expressions(parameters)
        expressions.complete()
        table = self._tables.table(parameters["TableName"])
        place = table.place_of_key(received_item(parameters["Key"]))
        old = table.get(place)
        if not expressions.met_by(old):
            raise unmet(parameters, old)
        table.write(place, None)
        return _returned(parameters, old, None)


def put_of(table: Table, parameters: Mapping[str, Any]) -> tuple[Item, Place]:
    """Return the item that is to be put, and where. Raises ``Refusal``."""
    item = received_item(parameters["Item"])
    place = table.place_of_item(item)
    table.refuse_too_large(item)
    return item, place


def update_of(table: Table, parameters: Mapping[str, Any], update: Update | None) -> tuple[Item, Place]:
    """Return the key of what is to be updated, and where it is. Raises ``Refusal``."""
    key = received_item(parameters["Key"])
    place = table.place_of_key(key)
    for name in update.touched if update else ():
        if name in table.keys:
            raise invalid(
                f"One or more parameter values were invalid: Cannot update attribute {name}. This attribute is part "
                "of the key"
            )
    return key, place


def updated(table: Table, key: Item, old: Item | None, expressions: Expressions) -> Item:
    """Return the new item. Raises ``Refusal``."""
    before = key if old is None else old
    new = expressions.update.applied(before, expressions.values) if expressions.update else dict(before)
    table.refuse_too_large(new, TOO_LARGE_TO_UPDATE)
    return new


def unmet(parameters: Mapping[str, Any], old: Item | None) -> Refusal:
    """Return the refusal of a write whose condition what is there does not meet."""
    found: dict[str, Any] = {"Item": copied(old)} if old is not None and parameters.get(ON_FAILURE) == "ALL_OLD" else {}
    return Refusal("ConditionalCheckFailedException", NOT_MET, **found)


def _returned(
    parameters: Mapping[str, Any], old: Item | None, new: Item | None, update: Update | None = None
) -> Answer:
    """Return what the call asks for by ``ReturnValues``."""
    wanted = parameters.get("ReturnValues", "NONE")
    if wanted == "NONE":
        return {}
    image = old if wanted.endswith("OLD") else new
    if image is not None and wanted.startswith("UPDATED"):
        touched = update.touched if update else ()
        image = {name: image[name] for name in image if name in touched}
    return {"Attributes": copied(image)} if image else {}
