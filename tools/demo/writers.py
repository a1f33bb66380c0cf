"""Playing a workload: several writers side by side, each item's writes in order."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from time import time
from typing import Any

from demo.workload import PlannedWrites, parts
from domain.tasks import Item, Key, keys
from domain.workload import Write, WriteKind

WRITERS = 4
EXPIRES_AFTER_SECONDS = 1


def play(client: Any, table: str, workload: PlannedWrites, wrote: Callable[[Write], None]) -> None:
    """Write the whole workload; ``wrote`` is told of every write once it is done. Raises what a write raises."""

    def write_all(writes: Sequence[Write]) -> None:
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


def _write(client: Any, table: str, write: Write) -> None:
    match write:
        case Write(kind=WriteKind.EXPIRE):
            _set(client, table, write.key, "expiresAt", {"N": str(int(time()) + EXPIRES_AFTER_SECONDS)})
        case Write(item=None):
            client.delete_item(TableName=table, Key=keys(write.key))
        case Write(kind=WriteKind.STATUS | WriteKind.HOT, item=dict(item)):
            _set(client, table, write.key, "status", item["status"])
        case Write(item=dict(item)):
            client.put_item(TableName=table, Item=item)


def _set(client: Any, table: str, key: Key, attribute: str, value: dict[str, str]) -> None:
    client.update_item(
        TableName=table,
        Key=keys(key),
        UpdateExpression="SET #name = :value",
        ExpressionAttributeNames={"#name": attribute},
        ExpressionAttributeValues={":value": value},
    )
