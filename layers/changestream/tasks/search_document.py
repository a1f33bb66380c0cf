"""What the search index holds of a task: the document, its shape, and the tombstone of a task that is gone."""

import json
from hashlib import sha256

from changestream.core.change import Image
from changestream.core.document_shape import Document, DocumentShape, SortField, tombstone
from changestream.core.position import Position
from tasks.task import Task

_text = json.JSONEncoder().encode

TEXT_FIELD = "description"

SHAPE = DocumentShape(
    properties={
        "listId": {"type": "keyword"},
        "taskId": {"type": "keyword"},
        TEXT_FIELD: {"type": "text"},
        "status": {"type": "keyword"},
        "createdDate": {"type": "date", "format": "strict_date_optional_time"},
        "dueDate": {"type": "date", "format": "strict_date_optional_time"},
        "expiresAt": {"type": "date", "format": "epoch_second"},
    },
    text_field=TEXT_FIELD,
    group_field="listId",
    order=(SortField("createdDate", "desc", int), SortField("listId", "asc", str), SortField("taskId", "asc", str)),
)


def document_id(keys: Image) -> str:
    """Return the id of a task's document: a digest, because keys may have 3,072 bytes and ids only 512, a request with
    a longer one is refused as a whole, and a separator between two keys might occur in them."""
    pair = f"[{_text(keys['listId']['S'])}, {_text(keys['taskId']['S'])}]"  # as JSON
    return sha256(pair.encode()).hexdigest()


def version_of(position: Position) -> int:
    """Return a position as a document's version.

    OpenSearch versions are 64-bit integers. The decoder takes times up to the year 9999, in microseconds 18 digits.
    """
    return int(position)


def document_of(task: Task) -> Document:
    """Return the document of a task."""
    fields = {
        "listId": task.list_id,
        "taskId": task.task_id,
        TEXT_FIELD: task.description,
        "status": str(task.status),
        "createdDate": task.created_date,
        "dueDate": task.due_date,
        "expiresAt": task.expires_at,
    }
    return {name: value for name, value in fields.items() if value is not None}


def tombstone_of(keys: Image, expires_at: int) -> Document:
    """Return what takes the place of a task that is gone, until an instant in epoch seconds."""
    return tombstone({"listId": keys["listId"]["S"], "taskId": keys["taskId"]["S"]}, expires_at)
