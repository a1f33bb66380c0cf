"""The expressions of the store's writes: on what condition, and what they set."""

from collections.abc import Mapping
from typing import Any

from changestream.core.change import Image
from tasks.task import TaskStatus

Key = tuple[str, str]
"""(list, task)"""

NAMES = {"#status": "status", "#version": "version", "#expires": "expiresAt"}
WELL_FORMED = (
    "attribute_type(description, :S) AND attribute_type(createdDate, :S) AND #status IN (:open, :doing, :done)"
)
LIVING = "(attribute_not_exists(#expires) OR (attribute_type(#expires, :N) AND #expires > :now))"
NOT_EXPIRED = "(attribute_not_exists(#expires) OR NOT attribute_type(#expires, :N) OR #expires > :now)"
"""As ``LIVING``, or malformed."""
NOT_DONE = "#status <> :done"


def number(value: int) -> dict[str, str]:
    """Return an attribute value."""
    return {"N": str(value)}


CONSTANTS: Mapping[str, Any] = {
    ":S": {"S": "S"},
    ":N": {"S": "N"},
    ":open": {"S": TaskStatus.OPEN.value},
    ":doing": {"S": TaskStatus.IN_PROGRESS.value},
    ":done": {"S": TaskStatus.DONE.value},
    ":zero": number(0),
    ":one": number(1),
}


def key_of(key: Key) -> Image:
    """Return the key attributes."""
    return {"listId": {"S": key[0]}, "taskId": {"S": key[1]}}


def name_of(attribute: str) -> str:
    """Return how an expression names an attribute: some names are words of DynamoDB's."""
    return f"#{attribute}" if f"#{attribute}" in NAMES else attribute


def is_version(version: int | None) -> tuple[str, dict[str, Any]]:
    """Return the condition that a task has the version, and the condition's values.

    ``None`` is any version, 0 that of a task which was written past the API.
    """
    if version is None:
        return "", {}
    if version == 0:
        return "attribute_not_exists(#version)", {}
    return "#version = :version", {":version": number(version)}


def deletion(version: int | None, now: int) -> dict[str, Any]:
    """Return the expressions that delete a task which has the version, or none, and has not expired.

    One that has is left to its time to live, by which it is known as archived.
    """
    condition, values = is_version(version)
    given = f" AND (attribute_not_exists(taskId) OR {condition})" if condition else ""
    return {
        "ConditionExpression": f"{NOT_EXPIRED}{given}",
        "ExpressionAttributeNames": {"#expires": "expiresAt"} | ({"#version": "version"} if condition else {}),
        "ExpressionAttributeValues": {":N": CONSTANTS[":N"], ":now": number(now), **values},
    }


def update(assignments: Mapping[str, Any], version: int | None, now: int, more: str = "") -> dict[str, Any]:
    """Return the expressions that give a living, well-formed task new attributes, and its version the next number.

    An attribute is removed where ``assignments`` has ``None`` for it; ``more`` is a condition beside the others.
    """
    condition, version_values = is_version(version)
    given = {name: value for name, value in assignments.items() if value is not None}
    sets = [*(f"{name_of(name)} = :new_{name}" for name in given), "#version = if_not_exists(#version, :zero) + :one"]
    removes = [name_of(name) for name in assignments if name not in given]
    return {
        "UpdateExpression": f"SET {', '.join(sets)}" + (f" REMOVE {', '.join(removes)}" if removes else ""),
        "ConditionExpression": " AND ".join(filter(None, (WELL_FORMED, LIVING, condition, more))),
        "ExpressionAttributeNames": NAMES,
        "ExpressionAttributeValues": {
            **CONSTANTS,
            ":now": number(now),
            **version_values,
            **{f":new_{name}": value for name, value in given.items()},
        },
    }
