"""A task of a task list: the domain of this application, and the part to replace with yours."""

from collections.abc import Callable
from datetime import date, datetime
from enum import StrEnum
from typing import NamedTuple

from changestream.core.change import Change, Image
from changestream.core.errors import PoisonRecord

TASK_ID_PREFIX = "task-"
KEYS = frozenset({"listId", "taskId"})
"""Marks the items of the table that are tasks; the filters in template.yaml name it too."""


class TaskStatus(StrEnum):
    """The life of a task."""

    OPEN = "open"
    IN_PROGRESS = "in_progress"
    DONE = "done"


class Task(NamedTuple):
    """A task as its item holds it.

    ``created_date`` is an ISO date-time, ``due_date`` an ISO date, ``expires_at`` epoch seconds.
    """

    list_id: str
    task_id: str
    description: str
    status: TaskStatus
    created_date: str
    due_date: str | None
    expires_at: int | None


def is_task(keys: Image) -> bool:
    """Tell tasks from the other items of the table, which are none of a task consumer's business."""
    if keys.keys() != KEYS:
        return False
    task_id = keys["taskId"].get("S")
    return isinstance(task_id, str) and task_id.startswith(TASK_ID_PREFIX) and "S" in keys["listId"]


def is_task_of(table: str, change: Change) -> bool:
    """Tell the changes of a table's tasks from those of its other items, and of other tables that share a stream."""
    return change.table == table and is_task(change.keys)


def task_from_image(image: Image) -> Task:
    """Read a task. Raises ``PoisonRecord`` naming the attribute that is missing or mistyped."""
    return Task(
        list_id=_text(image, "listId"),
        task_id=_text(image, "taskId"),
        description=_text(image, "description"),
        status=status_from_image(image),
        created_date=_iso(image, "createdDate", datetime.fromisoformat),
        due_date=_iso(image, "dueDate", date.fromisoformat) if "dueDate" in image else None,
        expires_at=_epoch_seconds(image) if "expiresAt" in image else None,
    )


def status_from_image(image: Image) -> TaskStatus:
    """Read the status of a task and nothing else. Raises ``PoisonRecord`` where it has none that is known."""
    text = _text(image, "status")
    try:
        return TaskStatus(text)
    except ValueError:
        raise PoisonRecord(f"task with status {text!r}, not one of {', '.join(TaskStatus)}") from None


def _text(image: Image, name: str) -> str:
    value = image.get(name)
    if value is None:
        raise PoisonRecord(f"task without {name}")
    text = value.get("S")
    if not isinstance(text, str):
        raise PoisonRecord(f"task with {name} of type {_type(value)}, not S")
    return text


def _iso(image: Image, name: str, parse: Callable[[str], date]) -> str:
    text = _text(image, name)
    try:
        parse(text)
    except ValueError:
        raise PoisonRecord(f"task with {name} {text!r}, not an ISO 8601 date") from None
    return text


def _epoch_seconds(image: Image) -> int:
    value = image["expiresAt"]
    number = value.get("N")
    if not isinstance(number, str):
        raise PoisonRecord(f"task with expiresAt of type {_type(value)}, not N")
    try:
        return int(number)
    except ValueError:
        raise PoisonRecord(f"task with expiresAt {number}, not whole epoch seconds") from None


def _type(value: object) -> str:
    return next(iter(value), "nothing") if isinstance(value, dict) else type(value).__name__
