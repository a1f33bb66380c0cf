"""The rows of the stack's tables, read past our own code."""

from demo.runtime import ServedStack
from domain.tasks import Item, Key, is_of_a_task


def tasks(runtime: ServedStack) -> dict[Key, Item]:
    """Return the tasks in the table."""
    return {key_of(item): item for item in scan(runtime, runtime.outputs["TasksTableName"]) if is_of_a_task(item)}


def scan(runtime: ServedStack, table: str) -> list[Item]:
    """Return every item of a table."""
    pages = runtime.client("dynamodb").get_paginator("scan").paginate(TableName=table)
    return [item for page in pages for item in page["Items"]]


def key_of(item: Item) -> Key:
    """Return (list, task)."""
    return item["listId"]["S"], item["taskId"]["S"]
