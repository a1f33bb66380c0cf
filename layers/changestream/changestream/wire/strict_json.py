"""Reading JSON that anybody may have written, so that what was read can be written again.

``json.loads`` takes more than JSON: NaN and infinities, which no service takes back, and nesting so deep that the
document cannot be wrapped in another one.
"""

import json
from math import isfinite
from typing import Any

DEEPEST = 100
"""Levels. An attribute value has 32 levels of two each (DynamoDB quotas), and an event or a message a few around it."""


def loads(text: str | bytes) -> Any:
    """Return the document in a JSON text. Raises ``ValueError``, also for bytes that are no UTF-8."""
    try:
        document = json.loads(text, parse_constant=_refused, parse_float=_finite)
    except RecursionError as error:
        raise ValueError(f"nested too deeply: {error}") from None
    _require_shallow(document)
    return document


def _refused(constant: str) -> Any:
    raise ValueError(f"{constant} is no JSON")


def _finite(number: str) -> float:
    value = float(number)
    if not isfinite(value):
        raise ValueError(f"the number {number:.30} is too large")
    return value


def _require_shallow(document: Any) -> None:
    level = [document]
    for _ in range(DEEPEST + 1):
        level = [
            value
            for container in level
            if isinstance(container, dict | list)
            for value in (container.values() if isinstance(container, dict) else container)
        ]
        if not level:
            return
    raise ValueError(f"nested more than {DEEPEST} levels deep")
