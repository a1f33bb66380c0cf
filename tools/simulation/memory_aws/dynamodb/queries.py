"""Query and Scan, page by page.

https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Query.html
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from event_source_mapping.memory.attribute_sizes import size_of
from simulation.memory_aws.dynamodb.expressions import FILTER, KEY_CONDITION, Expressions
from simulation.memory_aws.dynamodb.table import Place, Table, scattered
from simulation.memory_aws.dynamodb.tables import Tables
from simulation.memory_aws.dynamodb.values import Item, copied, number, received_item
from simulation.memory_aws.errors import invalid
from simulation.memory_aws.hook import Answer, Call

PAGE_BYTES = 1024 * 1024
_BESIDE_SEGMENTS = 2**128

Rows = Iterable[tuple[Place, Item]]


class QueryCalls:
    """A page ends at its limit of rows, or at 1 MB of what was looked at, before any filter."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    def query(self, call: Call) -> Answer:
        parameters = call.parameters
        expressions = Expressions(parameters)
        wanted = expressions.compiled(KEY_CONDITION, parameters)
        if wanted is None:
            raise invalid(
                "Either the KeyConditions or KeyConditionExpression parameter must be specified in the request."
            )
        table = self._tables.table(parameters["TableName"])
        placeholder = wanted.equalities.get(table.hash_key)
        if placeholder is None:
            raise invalid(f"Query condition missed key schema element: {table.hash_key}")
        ((kind, content),) = expressions.values[placeholder].items()
        rows = table.collection(number(content) if kind == "N" else content)
        rows = [entry for entry in rows if wanted.test(entry[1], expressions.values)]
        forward = parameters.get("ScanIndexForward", True)
        after = _start(table, parameters)
        if after is not None:
            rows = [entry for entry in rows if (entry[0][1] > after[1] if forward else entry[0][1] < after[1])]
        return _page(table, rows if forward else rows[::-1], parameters, expressions)

    def scan(self, call: Call) -> Answer:
        parameters = call.parameters
        table = self._tables.table(parameters["TableName"])
        rows: Rows = table.everything()
        segments = parameters.get("TotalSegments", 1)
        if segments > 1:
            mine = _segment(parameters["Segment"], segments)
            rows = [entry for entry in rows if mine(entry[0][0])]
        after = _start(table, parameters)
        if after is not None:
            passed = scattered(after[0])
            rows = [
                (place, row)
                for place, row in rows
                if scattered(place[0]) > passed or (place[0] == after[0] and place[1:] > after[1:] != (None,))
            ]
        return _page(table, rows, parameters, Expressions(parameters))


def _segment(segment: int, segments: int) -> Callable[[Any], bool]:
    return lambda hash_value: int.from_bytes(scattered(hash_value)) * segments // _BESIDE_SEGMENTS == segment


def _start(table: Table, parameters: Mapping[str, Any]) -> Place | None:
    key = parameters.get("ExclusiveStartKey")
    return table.place_of_key(received_item(key)) if key else None


def _page(table: Table, rows: Rows, parameters: Mapping[str, Any], expressions: Expressions) -> Answer:
    filtered = expressions.compiled(FILTER, parameters)
    projection = expressions.projection(parameters)
    expressions.complete()
    limit, room = parameters.get("Limit"), PAGE_BYTES
    found: list[Item] = []
    seen, last = 0, None
    for _, row in rows:
        if seen == limit or room <= 0:
            answer = {"LastEvaluatedKey": copied({name: (last or row)[name] for name in table.keys})}
            break
        seen, last = seen + 1, row
        room -= size_of(row)
        if filtered is None or filtered.test(row, expressions.values):
            found.append(copied(projection.of(row) if projection else row))
    else:
        answer = {}
        if seen and seen == limit and last is not None:  # whether more follows is not looked at before it is asked for
            answer = {"LastEvaluatedKey": copied({name: last[name] for name in table.keys})}
    listed: Answer = {} if parameters.get("Select") == "COUNT" else {"Items": found}
    return listed | {"Count": len(found), "ScannedCount": seen} | answer
