"""Revisions in the history of the deployed stack, in an interval that no other test has."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from itertools import count
from random import Random
from typing import Any
from uuid import uuid4

from builders import MOMENT, capture, kinesis_record, task
from changestream.wire import kinesis_capture
from functions.record_history.app import revision

from .world import Deployed, Said

Json = dict[str, Any]

_intervals = count()


class Revisions:
    """Changes of the tasks of one list, a second apart, some weeks ago; ``since`` and ``until`` are around them."""

    def __init__(self, deployed: Deployed) -> None:
        self.deployed = deployed
        self.list_id = f"list-{uuid4().hex[:8]}"
        begin = datetime.now(UTC).replace(microsecond=0) - timedelta(days=20, hours=2 * next(_intervals))
        self.since, self.until = (f"{moment:%Y-%m-%dT%H:%M:%SZ}" for moment in (begin, begin + timedelta(hours=1)))
        self._offset = int((begin.timestamp() - MOMENT) * 1_000_000)
        self._count = 0
        self._items: dict[str, Json] = {}

    def change(self, name: str, **attributes: Any) -> Json:
        """Record a change of a task, and return what the capture said of it."""
        new = task(name, self.list_id, **attributes)
        return self._record(new, self._items.get(name))

    def change_by_version_0_1_0(self, name: str, status: str) -> None:
        """Record a new task as version 0.1.0 did: with any status, and its image as a map."""
        self._count += 1
        image = task(name, self.list_id, status=status)
        change = kinesis_capture.change(kinesis_record(1, self._captured(image, None)))
        valid = kinesis_capture.change(kinesis_record(1, self._captured(task(name, self.list_id), None)))
        named = {"revision": {"S": f"{change.position}#{change.digest().hex()[:16]}"}, "newImage": {"M": image}}
        self._write(dict(revision(valid)) | named)

    def remove(self, name: str) -> Json:
        return self._record(None, self._items.pop(name))

    def many(self, changes: int, seed: int = 0) -> None:
        """Record so many changes of a few tasks, of which some are removed, and some come back."""
        draw = Random(seed)
        for n in range(changes):
            name = f"task-{draw.randrange(12)}"
            if name in self._items and draw.random() < 0.2:
                self.remove(name)
            else:
                self.change(name, status=draw.choice(["open", "in_progress", "done"]), note={"N": str(n)})

    def replay(self, function: str, *options: str) -> Said:
        return self.deployed.streamctl("replay", function, *self.interval, *options)

    @property
    def interval(self) -> Sequence[str]:
        return "--since", self.since, "--until", self.until

    def rows(self, table: str) -> list[Json]:
        """The rows of the list in a view, without when its tombstones end."""
        answer = self.deployed.client("dynamodb").query(
            TableName=table,
            KeyConditionExpression="listId = :list",
            ExpressionAttributeValues={":list": {"S": self.list_id}},
            ConsistentRead=True,
        )
        return [{name: row[name] for name in sorted(row) if name != "tombstoneExpiresAt"} for row in answer["Items"]]

    def _record(self, new: Json | None, old: Json | None) -> Json:
        self._count += 1
        captured = self._captured(new, old)
        self._write(dict(revision(kinesis_capture.change(kinesis_record(1, captured)))))
        if new:
            self._items[new["taskId"]["S"]] = new
        return captured

    def _captured(self, new: Json | None, old: Json | None) -> Json:
        table = self.deployed.outputs["TasksTableName"]
        return capture(self._offset + self._count * 1_000_000, new, old, tableName=table)

    def _write(self, row: Json) -> None:
        self.deployed.client("dynamodb").put_item(TableName=self.deployed.outputs["TaskHistoryTableName"], Item=row)
