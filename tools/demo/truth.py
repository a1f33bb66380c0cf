"""What the table itself says happened: its items, and every record of its stream, read past our own code."""

from collections import Counter, defaultdict
from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Any

from demo.runtime import ServedStack
from domain.tasks import Item, Key

Record = dict[str, Any]


@dataclass(frozen=True, slots=True)
class TableTruth:
    """The tasks in the table, and per task the records of its changes in order."""

    tasks: dict[Key, Item]
    changes: dict[Key, list[Record]]

    def beside(self, others: Collection[Key]) -> "TableTruth":
        """Return what there is of all tasks but those others."""
        return TableTruth({key: item for key, item in self.tasks.items() if key not in others}, self.changes)

    def statuses(self, is_malformed: Callable[[Item], bool]) -> dict[str, Counter[str]]:
        """Return per list how many tasks have which status; a malformed one counts as it last was when it was good."""
        counts: defaultdict[str, Counter[str]] = defaultdict(Counter)
        for (list_id, _), item in self.newest(is_malformed).items():
            counts[list_id].update(["total", item["status"]["S"]])
        return counts

    def newest(self, is_malformed: Callable[[Item], bool]) -> dict[Key, Item]:
        """Return the newest good state of every task that is there; a removal is a good state, and none is there."""
        states = {}
        for key, records in self.changes.items():
            images = [record["dynamodb"].get("NewImage") for record in records]
            good = [image for image in images if image is None or not is_malformed(image)]
            if good and good[-1]:
                states[key] = good[-1]
        return states


def read(runtime: ServedStack) -> TableTruth:
    """Read table and stream. Raises ``AssertionError`` where they contradict one another."""
    tasks = {key: item for item in scan(runtime, "TasksTableName") if (key := key_of(item))[1].startswith("task-")}
    changes: defaultdict[Key, list[Record]] = defaultdict(list)
    for record in _stream(runtime):
        if (key := key_of(record["dynamodb"]["Keys"]))[1].startswith("task-"):
            changes[key].append(record)
    last = {key: records[-1]["dynamodb"].get("NewImage") for key, records in changes.items()}
    if {key: image for key, image in last.items() if image} != tasks:
        raise AssertionError("the table and its stream contradict one another: the local runtime is at fault")
    return TableTruth(tasks, dict(changes))


def scan(runtime: ServedStack, output: str) -> list[Item]:
    """Return every item of a table of the stack."""
    pages = runtime.client("dynamodb").get_paginator("scan").paginate(TableName=runtime.outputs[output])
    return [item for page in pages for item in page["Items"]]


def key_of(item: Item) -> Key:
    """Return (list, task)."""
    return item["listId"]["S"], item["taskId"]["S"]


def _stream(runtime: ServedStack) -> list[Record]:
    client = runtime.client("dynamodbstreams")
    arn = runtime.outputs["TasksTableStreamArn"]
    records: list[Record] = []
    for shard in client.describe_stream(StreamArn=arn)["StreamDescription"]["Shards"]:
        iterator = client.get_shard_iterator(StreamArn=arn, ShardId=shard["ShardId"], ShardIteratorType="TRIM_HORIZON")[
            "ShardIterator"
        ]
        while iterator:
            page = client.get_records(ShardIterator=iterator)
            records += page["Records"]
            iterator = page.get("NextShardIterator") if page["Records"] else None
    return sorted(records, key=lambda record: int(record["dynamodb"]["SequenceNumber"]))
