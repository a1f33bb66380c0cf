"""A task of a task list: the domain of this application, and the part to replace with yours.

``task_from_image`` is the one rule for what a task is. Every consumer and the API ask it, so that what one view takes,
every view takes.
"""

import re
from collections.abc import Callable
from datetime import date, datetime
from enum import StrEnum
from typing import NamedTuple

from changestream.core.change import Change, Image
from changestream.core.errors import PoisonRecord
from changestream.core.quoting import quoted

TASK_ID_PREFIX = "task-"
KEY_BYTES = {"listId": 2048, "taskId": 1024}
"""The attributes that mark the items of the table that are tasks, and the longest partition key and sort key that
DynamoDB takes. The filters in template.yaml name ``taskId`` too."""

MOMENT = re.compile(
    r"\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d{1,9})?)?(Z|[+-](0\d|1[0-7]):[0-5]\d|[+-]18:00)?)?", re.ASCII
)
"""What both Python and OpenSearch's ``strict_date_optional_time`` read alike: a date, or a date and a time after "T",
with an offset that Java knows (up to 18 hours). Python alone also reads "2026-11-21 06:00:00" and "20261121T06"."""

DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
EPOCH_SECONDS = re.compile(r"\d{1,15}", re.ASCII)
"""OpenSearch counts a date in milliseconds in 63 bits."""

VERSION = re.compile(r"\d{1,18}", re.ASCII)


class TaskStatus(StrEnum):
    """The life of a task."""

    OPEN = "open"
    IN_PROGRESS = "in_progress"
    DONE = "done"


class Task(NamedTuple):
    """A task as its item holds it.

    ``created_date`` is an ISO date-time or date, ``due_date`` an ISO date, ``expires_at`` epoch seconds.
    """

    list_id: str
    task_id: str
    description: str
    status: TaskStatus
    created_date: str
    due_date: str | None
    expires_at: int | None


def is_task(keys: Image) -> bool:
    """Tell tasks from the other items of the table. Every consumer selects its changes by this rule.

    ``keys`` are those of a DynamoDB item. Raises ``PoisonRecord`` for a task whose key is longer than DynamoDB takes.
    """
    if keys.keys() != KEY_BYTES.keys():
        return False
    list_id, task_id = keys["listId"].get("S"), keys["taskId"].get("S")
    if list_id is None or task_id is None or not task_id.startswith(TASK_ID_PREFIX):
        return False
    for name, text in (("listId", list_id), ("taskId", task_id)):
        if len(text) > KEY_BYTES[name] or len(text.encode()) > KEY_BYTES[name]:
            raise PoisonRecord(f"task whose {name} has more than {KEY_BYTES[name]:,} bytes: {quoted(text)}")
    return True


def task_after(change: Change) -> Task | None:
    """Return the task as a change left it, ``None`` for a task that is gone.

    Raises ``PoisonRecord`` if the change left no well-formed task, or its image is the item of another key.
    """
    image = change.image_after()
    if image is None:
        return None
    if any(image.get(name) != key for name, key in change.keys.items()):
        raise PoisonRecord("the new image is not the item that the keys name")
    return task_from_image(image)


def task_from_image(image: Image) -> Task:
    """Read a task. Raises ``PoisonRecord`` naming the attribute that is missing or malformed."""
    task = Task(
        list_id=_text(image, "listId"),
        task_id=_text(image, "taskId"),
        description=_text(image, "description"),
        status=_status(image),
        created_date=_iso(image, "createdDate", MOMENT, datetime.fromisoformat),
        due_date=_iso(image, "dueDate", DAY, date.fromisoformat) if "dueDate" in image else None,
        expires_at=_whole(image, "expiresAt", EPOCH_SECONDS) if "expiresAt" in image else None,
    )
    if "version" in image:  # the API's own count of the changes that it made
        _whole(image, "version", VERSION)
    return task


def status_of(image: Image | None) -> TaskStatus | None:
    """Return the status of a well-formed task, ``None`` for any other item and for none."""
    try:
        return None if image is None else task_from_image(image).status
    except PoisonRecord:
        return None


def _status(image: Image) -> TaskStatus:
    text = _text(image, "status")
    try:
        return TaskStatus(text)
    except ValueError:
        raise PoisonRecord(f"task with status {quoted(text)}, not one of {', '.join(TaskStatus)}") from None


def _text(image: Image, name: str) -> str:
    text = _content(image, name, "S")
    if not text.isascii():
        try:
            text.encode()
        except UnicodeEncodeError:
            raise PoisonRecord(f"task with {name} {quoted(text)}, which is not Unicode text") from None
    return text


def _iso(image: Image, name: str, shape: re.Pattern[str], parse: Callable[[str], date]) -> str:
    text = _text(image, name)
    try:
        if shape.fullmatch(text):
            parse(text)
            return text
    except ValueError:
        pass
    raise PoisonRecord(f"task with {name} {quoted(text)}, not an ISO 8601 date that every view reads")


def _whole(image: Image, name: str, shape: re.Pattern[str]) -> int:
    number = _content(image, name, "N")
    if not shape.fullmatch(number):
        raise PoisonRecord(f"task with {name} {quoted(number)}, not a whole number that every view takes")
    return int(number)


def _content(image: Image, name: str, descriptor: str) -> str:
    value = image.get(name)
    if value is None:
        raise PoisonRecord(f"task without {name}")
    content = value.get(descriptor)
    if not isinstance(content, str):
        raise PoisonRecord(f"task with {name} of type {quoted(next(iter(value), None))}, not {descriptor}")
    return content
