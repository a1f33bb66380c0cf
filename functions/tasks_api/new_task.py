"""The item of a task that is created."""

import json
import secrets
from collections.abc import Callable
from datetime import UTC, datetime
from hashlib import sha256
from time import time

from changestream.core.change import Image
from documents import Document
from tasks.task import TASK_ID_PREFIX

ID_DIGITS = 32


def new_item(list_id: str, task: Document, idempotency_key: str | None, clock: Callable[[], float] = time) -> Image:
    """Return the item of a whole ``NewTask``; its id is a function of list and idempotency key, if there is a key.

    ``createdFrom`` is a digest of what was asked for, by which a repeat is known from another request with the key.
    """
    now = clock()
    item = {
        "listId": {"S": list_id},
        "taskId": {"S": TASK_ID_PREFIX + (_keyed(list_id, idempotency_key) if idempotency_key else _ordered(now))},
        "description": {"S": task["description"]},
        "status": {"S": task["status"]},
        "createdDate": {"S": datetime.fromtimestamp(now, UTC).isoformat(timespec="seconds")},
        "version": {"N": "1"},
        "createdFrom": {"S": _digest(json.dumps(task, sort_keys=True))},
    }
    return item | ({"dueDate": {"S": task["dueDate"]}} if task["dueDate"] else {})


def _keyed(list_id: str, idempotency_key: str) -> str:
    return _digest(f"{list_id}/{idempotency_key}")


def _ordered(now: float) -> str:
    """Return an id nobody else makes, which comes after those made before it: milliseconds, then chance."""
    return f"{int(now * 1000):012x}{secrets.token_hex((ID_DIGITS - 12) // 2)}"


def _digest(text: str) -> str:
    return sha256(text.encode()).hexdigest()[:ID_DIGITS]
