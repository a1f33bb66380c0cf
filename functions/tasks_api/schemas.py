"""What requests may hold, as JSON Schemas: ``validation`` checks by them, and the OpenAPI document shows them.

Where a schema has a pattern, its description completes "has to be …" for the client that did not meet it.
"""

from collections.abc import Mapping
from typing import Any

from tasks.task import TaskStatus

Schema = Mapping[str, Any]

LIST_ID: Schema = {
    "type": "string",
    "pattern": "^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$",
    "description": "up to 128 letters, digits, dots, hyphens and underscores, the first a letter or a digit",
}
TASK_ID: Schema = {
    "type": "string",
    "pattern": "^task-[A-Za-z0-9._-]{1,122}$",
    "description": "task- and up to 122 letters, digits, dots, hyphens and underscores",
}
ENTITY_TAG: Schema = {
    "type": "string",
    "pattern": r'^(\*|"(0|[1-9][0-9]{0,17})")$',
    "description": '* or one ETag of the task, such as "3"',
}
IDEMPOTENCY_KEY: Schema = {
    "type": "string",
    "pattern": r"^[\x21-\x7e]{1,255}$",
    "description": "1 to 255 printable characters without blanks",
}
PAGE_LIMIT: Schema = {"type": "integer", "minimum": 1, "maximum": 100, "default": 25}
CURSOR: Schema = {"type": "string", "maxLength": 4096}
WORDS: Schema = {"type": "string", "minLength": 1, "maxLength": 200}

DESCRIPTION: Schema = {"type": "string", "minLength": 1, "maxLength": 4000}
DAY: Schema = {
    "type": ["string", "null"],
    "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}$",
    "format": "date",
    "description": "a date, such as 2026-12-24",
}


def ref(name: str) -> dict[str, Any]:
    """Return a schema that stands for the one of that name, here and in the OpenAPI document."""
    return {"$ref": f"#/components/schemas/{name}"}


SCHEMAS: Mapping[str, Schema] = {
    "TaskStatus": {
        "type": "string",
        "enum": [status.value for status in TaskStatus],
        "description": "The life of a task.",
    },
    "NewTask": {
        "type": "object",
        "description": "A task to create.",
        "required": ["description"],
        "properties": {
            "description": DESCRIPTION,
            "status": ref("TaskStatus") | {"default": TaskStatus.OPEN.value},
            "dueDate": {**DAY, "default": None},
        },
        "additionalProperties": False,
    },
    "TaskChange": {
        "type": "object",
        "description": "What to change of a task: the fields that are given (RFC 7396); null removes dueDate.",
        "minProperties": 1,
        "properties": {"description": DESCRIPTION, "status": ref("TaskStatus"), "dueDate": DAY},
        "additionalProperties": False,
    },
}
"""Those with a name. A field that nobody knows is a mistake of the client, which hears of it."""


def resolved(schema: Schema) -> Schema:
    """Return what a reference stands for, with what is said beside it; any other schema as it is."""
    if "$ref" not in schema:
        return schema
    return {**SCHEMAS[schema["$ref"].rpartition("/")[2]], **schema}
