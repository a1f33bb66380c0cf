"""Tasks as callers write them, and what goes wrong with those that are written past the API."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from tasks.task_name import task_name

Item = dict[str, Any]
Key = tuple[str, str]

STATUSES = ("open", "in_progress", "done")
CREATED = "2026-01-01T09:00:00+00:00"

DEFECTS: Sequence[Callable[[Item], Item]] = (
    lambda item: {name: value for name, value in item.items() if name != "status"},
    lambda item: item | {"status": {"S": "finished"}},
    lambda item: item | {"status": {"N": "1"}},
    lambda item: {name: value for name, value in item.items() if name != "description"},
    lambda item: item | {"description": {"N": "42"}},
    lambda item: {name: value for name, value in item.items() if name != "createdDate"},
    lambda item: item | {"createdDate": {"S": "yesterday"}},
    lambda item: item | {"dueDate": {"S": "soon"}},
    lambda item: item | {"expiresAt": {"S": "never"}},
)
"""Each takes a proper item and returns one that no consumer understands."""


def task(key: Key, description: str, status: str = "open", due: str | None = None) -> Item:
    """Return the item of a task."""
    item = keys(key) | {"description": {"S": description}, "status": {"S": status}, "createdDate": {"S": CREATED}}
    return item | ({"dueDate": {"S": due}} if due else {})


def keys(key: Key) -> Item:
    """Return the attributes that an item goes by."""
    return {"listId": {"S": key[0]}, "taskId": {"S": key[1]}}


def is_of_a_task(keys: Mapping[str, Any]) -> bool:
    """Return whether the item with these keys is a task; the workload writes other items, too."""
    return str(keys["taskId"]["S"]).startswith("task-")


def item_name(keys: Mapping[str, str]) -> str:
    """Return the name of a task by its keys, as rows of its changes have it."""
    return task_name(keys["listId"], keys["taskId"])
