"""FilterCriteria: which records of a source reach the function.

A record passes when any pattern matches it (developer guide, invocation-eventfiltering). What a pattern may
look into differs by source: a table's change is JSON as it stands, the `data` of a Kinesis record is decoded
first, so is the `body` of a message. Text that is not a JSON object only matches patterns for plain text.
"""

import base64
import binascii
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from event_source_mapping.errors import SettingsRefused
from event_source_mapping.patterns import InvalidPattern, Matcher, compile_pattern, parse_json

_MOST_FILTERS = 5
_LONGEST_PATTERN = 4_096
_TEXT_KEYS = {"kinesis": "data", "sqs": "body"}


@dataclass(frozen=True, slots=True)
class _Compiled:
    matches: Matcher
    plain_text: bool | None  # of the source's text key: True for plain text, False for JSON, None when not named


@dataclass(frozen=True, slots=True)
class RecordFilter:
    """Compiled patterns of one mapping."""

    passes: Callable[[dict[str, Any]], bool]

    @classmethod
    def compiled(cls, patterns: tuple[str, ...], source: str) -> "RecordFilter | None":
        """A filter for records of `source` (dynamodb, kinesis or sqs); None when every record passes."""
        if len(patterns) > _MOST_FILTERS:
            raise SettingsRefused(f"Too many filters: at most {_MOST_FILTERS} are allowed, {len(patterns)} given.")
        if not patterns:
            return None
        text_key = _TEXT_KEYS.get(source)
        compiled = [_compile(pattern, text_key) for pattern in patterns]
        if text_key is None:
            return cls(lambda record: any(pattern.matches(record) for pattern in compiled))
        return cls(lambda record: _passes_with_text(record, text_key, compiled))


def _compile(text: str, text_key: str | None) -> _Compiled:
    if len(text) > _LONGEST_PATTERN:
        raise SettingsRefused("Invalid filter pattern definition.")
    try:
        pattern = parse_json(text)
        matches = compile_pattern(pattern)
    except (ValueError, InvalidPattern, RecursionError) as error:
        raise SettingsRefused("Invalid filter pattern definition.") from error
    plain_text = isinstance(pattern[text_key], list) if text_key in pattern else None
    return _Compiled(matches, plain_text)


def _passes_with_text(record: dict[str, Any], text_key: str, patterns: list[_Compiled]) -> bool:
    text = _body(record) if text_key == "body" else _decoded(record)
    content = _json_object(text)
    document = record | {text_key: text if content is None else content}
    if "kinesis" in record:
        document["partitionKey"] = record["kinesis"]["partitionKey"]
    is_plain = content is None
    try:
        return any(pattern.plain_text in (None, is_plain) and pattern.matches(document) for pattern in patterns)
    except RecursionError:  # lists within lists, deeper than any pattern can mean
        return False


def _body(record: dict[str, Any]) -> str | None:
    return str(record["body"])


def _decoded(record: dict[str, Any]) -> str | None:
    try:
        return base64.b64decode(record["kinesis"]["data"]).decode()
    except (binascii.Error, UnicodeDecodeError):
        return None


def _json_object(text: str | None) -> Any:
    if text is None:
        return None
    try:
        content = parse_json(text)
    except (ValueError, RecursionError):  # broken, or a number or a depth beyond what is parsed
        return None
    return content if isinstance(content, dict) else None
