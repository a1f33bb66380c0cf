"""BatchGetItem and BatchWriteItem: each entry by itself, some perhaps left undone.

https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchWriteItem.html
"""

from typing import Any

from event_source_mapping.memory.attribute_sizes import size_of
from simulation.memory_aws.dynamodb.expressions import Expressions
from simulation.memory_aws.dynamodb.items import put_of
from simulation.memory_aws.dynamodb.table import Place, Table
from simulation.memory_aws.dynamodb.tables import Tables
from simulation.memory_aws.dynamodb.values import Item, copied, received_item
from simulation.memory_aws.errors import Refusal, invalid
from simulation.memory_aws.hook import Answer, Call

MOST_READ, MOST_WRITTEN = 100, 25
READ_BYTES = 16 * 1024 * 1024
_TWICE = "Provided list of item keys contains duplicates"


class BatchCalls:
    """``unprocessed`` entries, counted from the end of the request, are left to the caller."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    def batch_get_item(self, call: Call) -> Answer:
        asked = [
            (name, wanted, key) for name, wanted in call.parameters["RequestItems"].items() for key in wanted["Keys"]
        ]
        if len(asked) > MOST_READ:
            raise _too_many("RequestItems", MOST_READ, "Too many items requested for the BatchGetItem call")
        places = [self._place(name, key) for name, _, key in asked]
        if len(set(places)) < len(places):
            raise invalid(_TWICE)
        answers: dict[str, list[Item]] = {name: [] for name, _, _ in asked}
        room, done = READ_BYTES, len(asked) - call.whims.unprocessed
        for number, ((name, wanted, _), (_, place)) in enumerate(zip(asked, places, strict=True)):
            row = self._tables.table(name).get(place) if number < done else None
            if row is not None:
                room -= size_of(row)
                if room < 0:
                    done = number
                    break
                projection = Expressions(wanted).projection(wanted)
                answers[name].append(copied(projection.of(row) if projection else row))
        return {"Responses": answers, "UnprocessedKeys": _unread(asked[max(done, 0) :])}

    def batch_write_item(self, call: Call) -> Answer:
        asked = [(name, entry) for name, entries in call.parameters["RequestItems"].items() for entry in entries]
        if not asked:
            raise invalid("The batch write request list for a table cannot be null or empty")
        if len(asked) > MOST_WRITTEN:
            raise _too_many("requestItems", MOST_WRITTEN, "Too many items requested for the BatchWriteItem call")
        writes = [self._write(name, entry) for name, entry in asked]
        if len({(table.name, place) for table, place, _ in writes}) < len(writes):
            raise invalid(_TWICE)
        done = max(len(asked) - call.whims.unprocessed, 0)
        for table, place, new in writes[:done]:
            table.write(place, new)
        unprocessed: dict[str, list[Any]] = {}
        for name, entry in asked[done:]:
            unprocessed.setdefault(name, []).append(entry)
        return {"UnprocessedItems": unprocessed}

    def _place(self, name: str, key: dict[str, Any]) -> tuple[str, Place]:
        table = self._tables.table(name)
        return table.name, table.place_of_key(received_item(key))

    def _write(self, name: str, entry: dict[str, Any]) -> tuple[Table, Place, Item | None]:
        table = self._tables.table(name)
        if "PutRequest" in entry:
            item, place = put_of(table, entry["PutRequest"])
            return table, place, item
        return table, table.place_of_key(received_item(entry["DeleteRequest"]["Key"])), None


def _unread(asked: list[tuple[str, dict[str, Any], dict[str, Any]]]) -> dict[str, Any]:
    """Return the keys that were not read as a request of their own."""
    unread: dict[str, Any] = {}
    for name, wanted, key in asked:
        unread.setdefault(name, wanted | {"Keys": []})["Keys"].append(key)
    return unread


def _too_many(parameter: str, most: int, message: str) -> Refusal:
    if parameter == "RequestItems":
        return invalid(message)
    return invalid(
        f"1 validation error detected: Value at '{parameter}' failed to satisfy constraint: Map value must satisfy "
        f"constraint: [Member must have length less than or equal to {most}, Member must have length greater than or "
        "equal to 1]"
    )
