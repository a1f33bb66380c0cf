"""Items of the tables, as the JSON that clients see."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from changestream.core.change import Image
from changestream.wire.stored_images import images_of
from tasks.task import task_from_image

Document = dict[str, Any]


def version_of(item: Image) -> int:
    """Return a task's version; 0 for one that was written past this API, or whose version is malformed."""
    text: str = item.get("version", {}).get("N", "0")
    return int(text) if text.isdigit() else 0


def entity_tag(version: int) -> str:
    """Return the entity tag of a version (RFC 9110, 8.8.3)."""
    return f'"{version}"'


def task_document(item: Image) -> Document:
    """Return a task. Raises ``PoisonRecord`` for an item that is malformed."""
    task = task_from_image(item)
    return {
        "listId": task.list_id,
        "taskId": task.task_id,
        "description": task.description,
        "status": task.status,
        "createdDate": task.created_date,
        "dueDate": task.due_date,
        "expiresAt": task.expires_at,
        "version": version_of(item),
    }


def found_document(source: Mapping[str, Any]) -> Document:
    """Return a task as the search index has it: without what the index keeps for itself."""
    always = ("listId", "taskId", "description", "status", "createdDate")
    return {name: source[name] for name in always} | {"dueDate": source.get("dueDate")}


def revision_document(row: Image) -> Document:
    """Return a row of TaskHistoryTable."""
    images = images_of(row, ("oldImage", "newImage"))
    return {
        "revision": row["revision"]["S"],
        "kind": row["kind"]["S"],
        "changedAt": datetime.fromtimestamp(float(row["changedAt"]["N"]), UTC).isoformat(timespec="microseconds"),
        "byTimeToLive": row["byTimeToLive"]["BOOL"],
        "before": plain({"M": images["oldImage"]}) if "oldImage" in images else None,
        "after": plain({"M": images["newImage"]}) if "newImage" in images else None,
    }


def plain(value: Mapping[str, Any]) -> Any:
    """Return an attribute value of an event without its type: binary as base64 text, a set as a list."""
    ((descriptor, content),) = value.items()
    match descriptor:
        case "NULL":
            return None
        case "N":
            return json.loads(content) if _is_json_number(content) else content
        case "M":
            return {name: plain(each) for name, each in content.items()}
        case "L":
            return [plain(each) for each in content]
        case "NS" | "BS":
            return [plain({descriptor[0]: each}) for each in content]
        case _:
            return content


def _is_json_number(text: str) -> bool:
    """Tell a number that a client's float or integer can hold from those with more digits, which stay text."""
    return len(text) <= 15 and text.lstrip("-")[:1].isdigit()
