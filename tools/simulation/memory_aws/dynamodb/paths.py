"""Reaching into an item by a path, and changing what lies there without changing the item it came from."""

from itertools import pairwise
from typing import Any

from simulation.memory_aws.dynamodb.tokens import Path
from simulation.memory_aws.dynamodb.values import Item, Value
from simulation.memory_aws.errors import invalid

_NOT_THERE = "The document path provided in the update expression is invalid for update"


def found(item: Item, path: Path) -> Value | None:
    """Return the value at a path, ``None`` where there is none."""
    at: Any = {"M": item}
    for step in path:
        content = at.get("M" if isinstance(step, str) else "L")
        if content is None:
            return None
        try:
            at = content[step]
        except (KeyError, IndexError):
            return None
    value: Value = at
    return value


def put(item: Item, path: Path, value: Value) -> None:
    """Set the value at a path of an item whose attributes may be shared: what is changed within them is replaced."""
    if len(path) == 1:
        item[str(path[0])] = value
        return
    content, step = _reached(item, path), path[-1]
    if isinstance(step, str) or step < len(content):
        content[step] = value
    else:
        content.append(value)


def remove(item: Item, path: Path) -> None:
    """Remove what is at a path, if anything is."""
    if len(path) == 1:
        item.pop(str(path[0]), None)
        return
    content, step = _reached(item, path), path[-1]
    if isinstance(step, str):
        content.pop(step, None)
    elif step < len(content):
        del content[step]


def _reached(item: Item, path: Path) -> Any:
    """Return the content of the map or list that the last step leads out of, copied with all that holds it."""
    content: Any = item
    for step, following in pairwise(path):
        try:
            value = content[step]
        except (KeyError, IndexError):
            raise invalid(_NOT_THERE) from None
        kind = "M" if isinstance(following, str) else "L"
        if kind not in value:
            raise invalid(_NOT_THERE)
        inner = value[kind].copy()
        content[step] = {kind: inner}
        content = inner
    return content
