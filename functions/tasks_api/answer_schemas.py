"""What answers hold, as JSON Schemas for the OpenAPI document. Nothing is validated by them at run time."""

from collections.abc import Mapping
from typing import Any

from schemas import Schema, ref

TEXT: Schema = {"type": "string"}
TEXT_OR_NULL: Schema = {"type": ["string", "null"]}
INTEGER: Schema = {"type": "integer"}
ITEM: Schema = {"type": ["object", "null"]}


def _object(description: str, properties: Mapping[str, Schema]) -> dict[str, Any]:
    """Return the schema of an object that always has each of the properties."""
    return {
        "type": "object",
        "description": description,
        "required": list(properties),
        "properties": properties,
    }


def _page(description: str, of: str, schema: str) -> dict[str, Any]:
    rows = {"type": "array", "items": ref(schema)}
    return _object(f"{description} under nextCursor, unless it is null.", {of: rows, "nextCursor": TEXT_OR_NULL})


_TASK = {
    "listId": TEXT,
    "taskId": TEXT,
    "description": TEXT,
    "status": ref("TaskStatus"),
    "createdDate": TEXT,
    "dueDate": TEXT_OR_NULL,
}

_WRONG_FIELD = {
    "in": {"type": "string", "enum": ["body", "path", "query", "header"]},
    "name": TEXT,
    "detail": TEXT,
}

_PROBLEM = _object(
    "What went wrong (RFC 9457).", {"type": TEXT, "title": TEXT, "status": INTEGER, "detail": TEXT, "requestId": TEXT}
)
_PROBLEM["properties"]["errors"] = {"type": "array", "items": _object("A part of the request.", _WRONG_FIELD)}

ANSWER_SCHEMAS: Mapping[str, Schema] = {
    "Task": _object(
        "A task as it stands. version is also its entity tag.",
        {
            **_TASK,
            "expiresAt": {"type": ["integer", "null"], "description": "Epoch seconds; of an archived task."},
            "version": INTEGER,
        },
    ),
    "TaskPage": _page("Some of a list's tasks; more follow", "tasks", "Task"),
    "Counts": _object(
        "How many tasks a list has, as count_tasks has counted them so far.",
        {
            "listId": TEXT,
            "total": INTEGER,
            "byStatus": {"type": "object", "propertyNames": ref("TaskStatus"), "additionalProperties": INTEGER},
        },
    ),
    "Revision": _object(
        "One change of a task: the task before and after it, as plain JSON.",
        {
            "revision": TEXT,
            "kind": TEXT,
            "changedAt": TEXT,
            "byTimeToLive": {"type": "boolean"},
            "before": ITEM,
            "after": ITEM,
        },
    ),
    "HistoryPage": _page("Some of a task's revisions, the newest first; older ones follow", "revisions", "Revision"),
    "FoundTask": _object("A task as the search index has it.", _TASK),
    "FoundPage": _page("Some of the tasks that a search found; more follow", "tasks", "FoundTask"),
    "Problem": _PROBLEM,
    "Refusal": _object("What API Gateway says of a request that it refuses.", {"message": TEXT}),
}
