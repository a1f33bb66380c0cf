"""The name under which a task's history stands: one text for a list's id and a task's id."""

from hashlib import sha256

LONGEST_KEY_BYTES = 2048
"""Of a partition key (DynamoDB quotas)."""


def task_name(list_id: str, task_id: str) -> str:
    """Return ``LIST/TASK``, with "/" in the list's id escaped so that no two tasks share a name.

    A name too long for a key is replaced by its digest; the row has both ids in full.
    """
    name = f"{list_id.replace('%', '%25').replace('/', '%2F')}/{task_id}"
    return name if len(name.encode()) <= LONGEST_KEY_BYTES else f"sha256:{sha256(name.encode()).hexdigest()}"
