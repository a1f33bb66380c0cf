"""Queries as SQL conditions on the documents of an index.

https://docs.opensearch.org/latest/query-dsl/
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from .errors import Json, SearchError, not_served
from .mappings import FieldMappings

FIELDS_PER_DOCUMENT = 64
"""The words of a document's n-th text field are under its row's number times this, plus n."""

_COMPARISONS = {"gt": ">", "gte": ">=", "lt": "<", "lte": "<="}


@dataclass(frozen=True, slots=True)
class SqlCondition:
    """An SQL expression over the row of a document, and the values for its question marks."""

    sql: str
    values: tuple[Any, ...] = ()


EVERYTHING = SqlCondition("1")
NOTHING = SqlCondition("0")


def condition(query: Json, mappings: FieldMappings) -> SqlCondition:
    """What a query asks of a document; `SearchError` for a query that is none, or is not served."""
    if len(query) != 1:
        raise SearchError(400, "parsing_exception", "a query has one key: its kind")
    ((kind, body),) = query.items()
    match kind:
        case "match_all":
            return EVERYTHING
        case "bool":
            return _all(_clauses(body, mappings))
        case "match":
            return _match(body, mappings)
        case "term":
            field, value = _of_one_field(body, "value")
            return _compared(field, "=", value, mappings)
        case "range":
            field, limits = _of_one_field(body, None)
            return _all(_compared(field, _comparison(name), value, mappings) for name, value in limits.items())
    raise not_served(f"a query of kind [{kind}]")


def order(sort: list[Json], mappings: FieldMappings) -> list[tuple[str, bool]]:
    """The fields to sort by, each with whether it descends."""
    found = []
    for each in sort:
        ((field, wanted),) = each.items()
        direction = wanted["order"] if isinstance(wanted, dict) else wanted
        if mappings.kind(field) in (None, "text"):
            raise not_served(f"sorting by [{field}]")
        found.append((field, direction == "desc"))
    return found


def after(sort: list[tuple[str, bool]], values: list[Any]) -> SqlCondition:
    """Of `search_after`: the documents that come after the one with these values in the order."""
    if len(values) != len(sort):
        reason = f"search_after has {len(values)} value(s) but sort has {len(sort)}."
        raise SearchError(400, "illegal_argument_exception", reason)
    alternatives: list[SqlCondition] = []
    for place, (field, descends) in enumerate(sort):
        same = [SqlCondition(f"{sortable(one)} = ?", (values[n],)) for n, (one, _) in enumerate(sort[:place])]
        later = SqlCondition(f"{sortable(field)} {'<' if descends else '>'} ?", (values[place],))
        alternatives.append(_all([*same, later]))
    return _joined(" OR ", alternatives)


def sortable(field: str) -> str:
    """SQL for what the value of a field compares by (see `Store`)."""
    return f"comparable(index_name, '{_quoted(field)}', json_extract(source, '$.\"{_quoted(field)}\"'))"


def _clauses(body: Json, mappings: FieldMappings) -> Iterator[SqlCondition]:
    for name, clauses in body.items():
        listed = clauses if isinstance(clauses, list) else [clauses]
        match name:
            case "must" | "filter":
                yield from (condition(each, mappings) for each in listed)
            case "must_not":
                for each in listed:
                    inner = condition(each, mappings)
                    yield SqlCondition(f"NOT coalesce({inner.sql}, 0)", inner.values)
            case _:
                raise not_served(f"[{name}] of a bool query")


def _match(body: Json, mappings: FieldMappings) -> SqlCondition:
    field, wanted = _of_one_field(body, None)
    options = wanted if isinstance(wanted, dict) else {"query": wanted}
    if unknown := options.keys() - {"query", "operator"}:
        raise not_served(f"{sorted(unknown)} of a match query")
    if field not in mappings.text_fields():
        raise not_served(f"match on [{field}], which is no text")
    words = [f'"{word}"' for word in re.findall(r"\w+", str(options["query"]))]
    if not words:
        return NOTHING
    operator = " AND " if str(options.get("operator", "or")).lower() == "and" else " OR "
    number = mappings.text_fields().index(field)
    found = f"SELECT rowid / {FIELDS_PER_DOCUMENT} FROM words WHERE words MATCH ? AND rowid % {FIELDS_PER_DOCUMENT} = ?"  # noqa: S608
    return SqlCondition(f"documents.rowid IN ({found})", (operator.join(words), number))


def _compared(field: str, comparison: str, value: Any, mappings: FieldMappings) -> SqlCondition:
    if mappings.kind(field) is None:
        return NOTHING
    try:
        return SqlCondition(f"{sortable(field)} {comparison} ?", (mappings.comparable(field, value),))
    except ValueError as error:
        raise SearchError(400, "parse_exception", str(error)) from None


def _comparison(name: str) -> str:
    if name not in _COMPARISONS:
        raise not_served(f"[{name}] of a range query")
    return _COMPARISONS[name]


def _of_one_field(body: Json, short_for: str | None) -> tuple[str, Any]:
    if len(body) != 1:
        raise SearchError(400, "parsing_exception", "this query is about one field")
    ((field, value),) = body.items()
    return field, value[short_for] if short_for and isinstance(value, dict) else value


def _all(conditions: Iterable[SqlCondition]) -> SqlCondition:
    return _joined(" AND ", [EVERYTHING, *conditions])


def _joined(operator: str, conditions: list[SqlCondition]) -> SqlCondition:
    sql = operator.join(f"({each.sql})" for each in conditions)
    return SqlCondition(f"({sql})", tuple(value for each in conditions for value in each.values))


def _quoted(field: str) -> str:
    if not re.fullmatch(r"[\w.@-]+", field):
        raise not_served(f"field [{field}]")
    return field
