"""Playing a workload: several writers side by side, each item's writes in order."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from time import time
from typing import Any

from demo.workload import PlannedWrite, PlannedWrites, WriteKind, parts
from domain.tasks import Item, Key

WRITERS = 4
EXPIRES_AFTER_SECONDS = 1


def play(client: Any, table: str, workload: PlannedWrites, wrote: Callable[[PlannedWrite], None]) -> None:
    """Write the whole workload; ``wrote`` is told of every write once it is done. Raises what a write raises."""

    def write_all(writes: Sequence[PlannedWrite]) -> None:
        for one in writes:
            _write(client, table, one)
            wrote(one)

    with ThreadPoolExecutor(WRITERS) as pool:
        for done in [pool.submit(write_all, part) for part in parts(workload.writes, WRITERS)]:
            done.result()


def heal(client: Any, table: str, healed: dict[Key, Item]) -> None:
    """Write the malformed items properly."""
    for item in healed.values():
        client.put_item(TableName=table, Item=item)


def _write(client: Any, table: str, write: PlannedWrite) -> None:
    key = {"listId": {"S": write.key[0]}, "taskId": {"S": write.key[1]}}
    match write:
        case PlannedWrite(item=None):
            client.delete_item(TableName=table, Key=key)
        case PlannedWrite(kind=WriteKind.STATUS | WriteKind.HOT, item=dict(item)):
            client.update_item(
                TableName=table,
                Key=key,
                UpdateExpression="SET #status = :status",
                ExpressionAttributeNames={"#status": "status"},
                ExpressionAttributeValues={":status": item["status"]},
            )
        case PlannedWrite(kind=WriteKind.EXPIRE, item=dict(item)):
            expires_at = {"N": str(int(time()) + EXPIRES_AFTER_SECONDS)}
            client.put_item(TableName=table, Item=item | {"expiresAt": expires_at})
        case PlannedWrite(item=dict(item)):
            client.put_item(TableName=table, Item=item)
