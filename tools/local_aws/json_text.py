"""Reading JSON that a client sent: whatever it is, the outcome is a document or a `ValueError` that says why not."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

DEEPEST = 128
"""Levels of lists and objects. DynamoDB's 32 levels of attribute values take two each."""


def parse(given: bytes | str) -> Any:
    """Return the document. Refused beside what is not JSON: NaN, infinite numbers, and more than `DEEPEST` levels."""
    text = given if isinstance(given, str) else given.decode(json.detect_encoding(given))
    try:
        document = _DECODER.decode(text)
    except RecursionError:
        raise ValueError(f"it is nested deeper than {DEEPEST} levels") from None
    # Counting is much faster than looking, and most documents have fewer brackets than levels are allowed.
    if text.count("{") + text.count("[") > DEEPEST:
        _check_depth(document)
    if "\\" in text and ("\\ud" in text or "\\uD" in text):
        _check_pairs(document)
    return document


def _check_depth(document: Any) -> None:
    level: list[Any] = [document]
    for _ in range(DEEPEST):
        level = [inner for each in level for inner in _inner(each)]
        if not level:
            return
    raise ValueError(f"it is nested deeper than {DEEPEST} levels")


def _check_pairs(document: Any) -> None:
    """Refuse half of a pair of surrogates, which JSON can write and UTF-8 cannot."""
    try:
        json.dumps(document, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        raise ValueError("it has one half of a pair of surrogates") from None


def _inner(value: Any) -> Iterable[Any]:
    values = value.values() if isinstance(value, dict) else value
    return [each for each in values if isinstance(each, dict | list)] if isinstance(value, dict | list) else ()


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is not a number of JSON")


def _finite(text: str) -> float:
    number = float(text)
    if number in (float("inf"), float("-inf")):
        raise ValueError(f"{text[:32]} is too large a number")
    return number


# Built once and kept, because building it takes longer than reading most documents.
_DECODER = json.JSONDecoder(parse_constant=_no_constant, parse_float=_finite)
