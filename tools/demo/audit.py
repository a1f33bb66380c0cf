"""The audit: each view compared, row by row, with what the table's own truth says it should be."""

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from typing import Any

from changestream.wire.attribute_values import to_boto3
from changestream.wire.stored_images import images_of
from demo.parked import ParkedPayload
from demo.runtime import ServedStack
from demo.truth import TableTruth, key_of, scan
from domain.tasks import Item, Key


@dataclass(frozen=True, slots=True)
class Finding:
    """One comparison: how many rows were compared and in what they differ."""

    subject: str
    compared: int
    differences: list[str]

    @property
    def holds(self) -> bool:
        """Nothing differs, and there was something to compare."""
        return not self.differences and self.compared > 0


def audit_table(truth: TableTruth, written: dict[Key, Item]) -> Finding:
    """Compare the table with what was written to it, so that the truth itself is not taken on trust."""
    differences = [
        f"{'/'.join(key)}: written {written.get(key)}, in the table {truth.tasks.get(key)}"
        for key in sorted({*written, *truth.tasks})
        if written.get(key) != truth.tasks.get(key)
    ]
    return Finding("TasksTable, per task", len(written), differences)


def audit_counts(runtime: ServedStack, truth: TableTruth, is_malformed: Callable[[Item], bool]) -> Finding:
    """Compare the totals of every list, and the membership of every task."""
    rows = scan(runtime, "TaskCountsTableName")
    totals = {row["listId"]["S"]: _numbers(row) for row in rows if row["taskId"]["S"] == "#totals"}
    members: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for row in rows:
        if row["taskId"]["S"] != "#totals" and row["present"]["BOOL"]:
            members[row["listId"]["S"]].update(["total", row["status"]["S"]])
    expected = truth.statuses(is_malformed)
    lists = sorted({*totals, *members, *expected})
    differences = [
        f"{list_id}: totals {dict(totals.get(list_id, {}))}, members {dict(members[list_id])}, "
        f"in truth {dict(expected[list_id])}"
        for list_id in lists
        if not totals.get(list_id, Counter()) == members[list_id] == expected[list_id]
    ]
    return Finding("TaskCountsTable, per list", len(lists), differences)


def audit_history(runtime: ServedStack, truth: TableTruth, is_malformed: Callable[[Item], bool]) -> Finding:
    """Compare the revisions of every task with the changes of the stream: each once, in order, image by image.

    A change that left its task malformed is parked, and no revision.
    """
    revisions: defaultdict[Key, list[Item]] = defaultdict(list)
    for row in scan(runtime, "TaskHistoryTableName"):
        revisions[key_of(row)].append(row)
    differences = []
    for key in sorted({*revisions, *truth.changes}):
        recorded = [_revision(row) for row in sorted(revisions[key], key=lambda row: row["revision"]["S"])]
        happened = [
            _change(record)
            for record in truth.changes.get(key, [])
            if not is_malformed(record["dynamodb"].get("NewImage", {}))
        ]
        if recorded != happened:
            differences.append(f"{'/'.join(key)}: {len(recorded)} revisions recorded, {len(happened)} happened")
    return Finding("TaskHistoryTable, per revision", sum(map(len, revisions.values())), differences)


def audit_replica(runtime: ServedStack, truth: TableTruth, is_malformed: Callable[[Item], bool]) -> Finding:
    """Compare every task in the replica with its newest good state."""
    rows = {key_of(row): row for row in scan(runtime, "ReplicaTableName") if "status" in row}
    replicated = {key: {name: value for name, value in row.items() if name != "watermark"} for key, row in rows.items()}
    expected = truth.newest(is_malformed)
    differences = [
        f"{'/'.join(key)}: replicated {replicated.get(key)}, in truth {expected.get(key)}"
        for key in sorted({*replicated, *expected})
        if replicated.get(key) != expected.get(key)
    ]
    return Finding("ReplicaTable, per task", len(expected), differences)


def audit_parked(
    parked: Iterable[ParkedPayload], expected: Collection[tuple[str, Key]], malformed: dict[Key, Item]
) -> Finding:
    """Compare what is parked with the malformed writes: each one, for each function that cannot understand it, with
    payload and reason, and nothing else; ``expected`` names them as (function, key)."""
    found: set[tuple[str, Key]] = set()
    differences = []
    for one in parked:
        for image in one.new_images():
            key = key_of(image) if image else ("", "")
            found.add((one.function, key))
            if malformed.get(key) != image:
                differences.append(f"{one.key}: not what was written malformed ({one.reason}: {one.message})")
            elif one.reason != "poison" or not one.message:
                differences.append(f"{one.key}: parked for {one.reason!r}: {one.message!r}")
    differences += [f"{'/'.join(key)} is not parked for {function}" for function, key in sorted(set(expected) - found)]
    return Finding("ParkedRecordsBucket, per malformed item", len(expected), differences)


def audit_emptiness(subject: str, compared: int, left: Iterable[str]) -> Finding:
    """State that nothing is left in a place; ``compared`` says how many places were looked at."""
    return Finding(subject, compared, list(left))


def _numbers(row: Item) -> Counter[str]:
    return Counter({name: int(value["N"]) for name, value in row.items() if value.get("N", "0") != "0"})


def _revision(row: Item) -> tuple[str, Any, Any]:
    images = {name: to_boto3(image) for name, image in images_of(row, ("oldImage", "newImage")).items()}
    return row["kind"]["S"], images.get("oldImage"), images.get("newImage")


def _change(record: dict[str, Any]) -> tuple[str, Any, Any]:
    return record["eventName"], record["dynamodb"].get("OldImage"), record["dynamodb"].get("NewImage")
