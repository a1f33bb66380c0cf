"""Values held against JSON Schemas (2020-12): by the keywords that ``schemas`` uses, and no others."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from schemas import Schema, resolved

Fault = tuple[str, str]
"""The name of the field that is wrong, empty for the value itself, and why."""


def faults(schema: Schema, value: Any) -> Iterator[Fault]:
    """Yield what is wrong with a value: of the value itself, or of each of its fields, the first that is found."""
    schema = resolved(schema)
    if detail := _fault(schema, value):
        yield "", detail
    elif isinstance(value, dict):
        yield from _faults_of_fields(schema, value)


def completed(schema: Schema, value: Any) -> Any:
    """Return a value that has no fault, with the defaults of the fields that it leaves out."""
    if not isinstance(value, dict):
        return value
    fields: Mapping[str, Schema] = resolved(schema)["properties"]
    return {name: field["default"] for name, field in fields.items() if "default" in field} | value


def _fault(schema: Schema, value: Any) -> str:
    types = [schema["type"]] if isinstance(schema["type"], str) else schema["type"]
    if not any(TYPES[each](value) for each in types):
        return f"has to be {' or '.join(types)}"
    for keyword, rule in RULES.items():
        if keyword in schema and isinstance(value, rule.of) and not rule.holds(value, schema[keyword]):
            return rule.detail.format(_told(schema[keyword]), **schema)
    return ""


def _faults_of_fields(schema: Schema, value: Mapping[str, Any]) -> Iterator[Fault]:
    fields = schema["properties"]
    for name in schema.get("required", ()):
        if name not in value:
            yield name, "is missing"
    for name, each in value.items():
        if name in fields:
            yield from ((f"{name}.{inner}" if inner else name, why) for inner, why in faults(fields[name], each))
        elif not schema.get("additionalProperties", True):
            yield name, f"is not known: there are {', '.join(fields)}"


def _told(limit: Any) -> str:
    return ", ".join(limit) if isinstance(limit, list) else str(limit)


def _is_text(value: Any) -> bool:
    """Tell Unicode text. JSON can also spell halves of characters, which no table takes."""
    try:
        return isinstance(value, str) and value.encode() is not None
    except UnicodeEncodeError:
        return False


def _is_day(text: str) -> bool:
    try:
        return bool(date.fromisoformat(text))
    except ValueError:
        return False


TYPES: Mapping[str, Callable[[Any], bool]] = {
    "string": _is_text,
    "integer": lambda value: isinstance(value, int) and not isinstance(value, bool),
    "object": lambda value: isinstance(value, dict),
    "null": lambda value: value is None,
}


@dataclass(frozen=True, slots=True)
class KeywordRule:
    """A keyword of schemas: the type of the values that it is about, when it holds for one, and what to say if not."""

    of: type
    holds: Callable[[Any, Any], bool]
    detail: str


RULES: Mapping[str, KeywordRule] = {
    "enum": KeywordRule(object, lambda value, among: value in among, "has to be one of {}"),
    "minLength": KeywordRule(str, lambda text, least: len(text) >= least, "has to have {} characters or more"),
    "maxLength": KeywordRule(str, lambda text, most: len(text) <= most, "has to have {} characters or fewer"),
    # Whole: in Python, `$` is also in front of a last line break.
    "pattern": KeywordRule(str, lambda text, pattern: bool(re.fullmatch(pattern, text)), "has to be {description}"),
    "format": KeywordRule(str, lambda text, _: _is_day(text), "has to be a {} that there is"),
    "minimum": KeywordRule(int, lambda number, least: number >= least, "has to be {} or more"),
    "maximum": KeywordRule(int, lambda number, most: number <= most, "has to be {} or less"),
    "minProperties": KeywordRule(dict, lambda value, least: len(value) >= least, "has to name {} field or more"),
}
"""In the order in which they are held against a value."""
