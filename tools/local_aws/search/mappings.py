"""What an index takes: the types of its fields, and the refusal of documents that do not keep to them.

https://docs.opensearch.org/latest/mappings/
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

from .errors import Json, SearchError, not_served

_ISO = "strict_date_optional_time"
_DEFAULT_FORMAT = f"{_ISO}||epoch_millis"
_ISO_SHAPE = re.compile(
    r"\d{4}(-\d{2}(-\d{2}(T(\d{2}(:\d{2}(:\d{2}([.,]\d{1,9})?)?)?)?(Z|[+-]\d{2}(:?\d{2})?)?)?)?)?", re.ASCII
)
_LONGS = range(-(2**63), 2**63)
_TYPES = frozenset({"text", "keyword", "date", "boolean", "long"})
_MOST_FIELDS = 1000
_KEYWORD_BYTES = 32_766
"""The longest term that Lucene takes."""


class FieldMappings:
    """The `mappings` of an index; `SearchError` on construction for what OpenSearch or this endpoint does not know."""

    def __init__(self, mappings: Json) -> None:
        self.document = mappings
        self._strict = str(mappings.get("dynamic", "true")) == "strict"
        self._fields: dict[str, Json] = mappings.get("properties", {})
        if not isinstance(self._fields, dict) or not all(isinstance(each, dict) for each in self._fields.values()):
            raise SearchError(400, "mapper_parsing_exception", "properties is an object of objects")
        if len(self._fields) > _MOST_FIELDS:
            raise SearchError(
                400, "illegal_argument_exception", f"Limit of total fields [{_MOST_FIELDS}] has been exceeded"
            )
        for name, field in self._fields.items():
            kind = field.get("type", "object")
            if kind not in _TYPES:
                raise not_served(f"type [{kind}] of field [{name}]")
        if not self._strict:
            raise not_served("a mapping that is not strict")

    def kind(self, field: str) -> str | None:
        """The type of a field, None if it has none such."""
        return self._fields[field]["type"] if field in self._fields else None

    def text_fields(self) -> list[str]:
        """The fields whose words are searched for, in their order."""
        return [name for name, field in self._fields.items() if field["type"] == "text"]

    def checked(self, document_id: str, source: Json) -> Json:
        """The document, if every field of it is of its type."""
        for name, value in source.items():
            if name not in self._fields:
                raise SearchError(
                    400,
                    "strict_dynamic_mapping_exception",
                    f"mapping set to strict, dynamic introduction of [{name}] within [_doc] is not allowed",
                )
            if value is not None:
                self._check(document_id, name, value)
        return source

    def comparable(self, field: str, value: Any) -> Any:
        """What a value of a field sorts and compares by: dates by milliseconds since 1970."""
        if value is None or self.kind(field) != "date":
            return value
        return milliseconds(value, self._fields[field].get("format", _DEFAULT_FORMAT))

    def _check(self, document_id: str, name: str, value: Any) -> None:
        kind = self._fields[name]["type"]
        if isinstance(value, list):
            raise not_served(f"a list as value of [{name}]")
        try:
            if not self._fits(name, kind, value):
                raise ValueError(f'For input string: "{value}"')
        except ValueError as error:
            raise SearchError(
                400,
                "mapper_parsing_exception",
                f"failed to parse field [{name}] of type [{kind}] in document with id '{document_id}'. "
                f"Preview of field's value: '{value}'",
                caused_by={"type": "illegal_argument_exception", "reason": str(error)},
            ) from None
        if kind == "keyword" and len(str(value).encode()) > _KEYWORD_BYTES:
            raise SearchError(
                400,
                "illegal_argument_exception",
                f'Document contains at least one immense term in field="{name}" (whose UTF8 encoding is longer than '
                f"the max length {_KEYWORD_BYTES}), all of which were skipped.",
            )

    def _fits(self, name: str, kind: str, value: Any) -> bool:
        match kind:
            case "date":
                self.comparable(name, value)
                return True
            case "boolean":
                return value in (True, False, "true", "false", "")
            case "long":
                return len(str(value)) <= 40 and int(value) in _LONGS
            case _:
                return not isinstance(value, dict)


def milliseconds(value: Any, formats: str) -> int:
    """A date as OpenSearch keeps it; `ValueError` if it is in none of the formats."""
    for each in formats.split("||"):
        text = str(value)
        if each.startswith("epoch_") and re.fullmatch(r"-?\d{1,15}", text, re.ASCII):
            return int(text) * (1000 if each == "epoch_second" else 1)
        if each == _ISO and _ISO_SHAPE.fullmatch(text):
            moment = datetime.fromisoformat(_filled(text))
            return int((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp() * 1000)
    raise ValueError(f"failed to parse date field [{value}] with format [{formats}]")


def _filled(text: str) -> str:
    """A year, or a year and a month, as the first day of it."""
    return text + "-01-01"[len(text) - 4 :] if len(text) < len("2026-01-01") else text
