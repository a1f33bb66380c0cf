"""Changes that the streams have trimmed, as they are kept: parked with their payload, or as a revision."""

import re
from collections.abc import Iterator, Mapping
from math import inf
from typing import Any

from changestream.core.change import Change, ChangeKind, item_key
from changestream.core.errors import ForeignObject, PoisonRecord
from changestream.core.failed_batch import StreamKind
from changestream.core.position import position_of
from changestream.core.quoting import quoted
from changestream.recovery.parked_records import ParkedRecords
from changestream.wire.batch import LATEST_SECONDS
from changestream.wire.item import checked_item, checked_keys
from changestream.wire.parked_object import NUMBER, PREFIX
from changestream.wire.stored_images import images_of
from streamctl.reading.records import record_reader
from streamctl.reading.seen import Seen
from streamctl.reading.streams import StreamName
from streamctl.stack import Stack
from tasks.task import is_task
from tasks.task_name import task_name

MOST_DIVISIONS = 10
"""Ways of dividing a key into a list and a task that are tried."""

RANGE = re.compile(rf"(?P<start>{NUMBER.pattern})-(?P<end>{NUMBER.pattern})(\.|$)", re.ASCII)
"""The beginning of the last part of a parked object's key."""

NOWHERE = ""
"""Stands for the shard and the number of a record that is not in its stream any more: the history has neither."""


def from_parked(stack: Stack, number: str) -> Seen | None:
    """Return the record with a sequence number from the parked objects, of whose keys one has it in its range."""
    records = ParkedRecords(stack.client("s3"), stack.output("ParkedRecordsBucketName"))
    for key in records.keys(PREFIX):
        if not in_range(key, int(number)):
            continue
        try:
            stored = records.load(key)
        except ForeignObject:
            continue
        if stored and stored.payload:
            for each in _seen_in(stack, stored.manifest, stored.payload):
                if each.sequence_number == number and not each.foreign:
                    return each
    return None


def newest_revisions(stack: Stack, key: str) -> list[Seen]:
    """Return the newest revision of a task, ``LIST/TASK``, after the unreadable rows that are newer.

    Either id may have a "/" in it: each division is tried. An unreadable row has no change.
    """
    divisions = [(key[:at], key[at + 1 :]) for at, character in enumerate(key) if character == "/"]
    named = [(list_id, task_id) for list_id, task_id in divisions if list_id and task_id][:MOST_DIVISIONS]
    unreadable: list[Seen] = []
    newest: list[Seen] = []
    for each in named:
        for revision in _revisions(stack, *each):
            if revision.change:
                newest.append(revision)
                break
            unreadable.append(revision)
    return unreadable + sorted(newest, key=_occurred_at)[-1:]


def _occurred_at(seen: Seen) -> float:
    return (seen.change and seen.change.time) or 0.0


def seconds_between(one: Change, other: Change) -> float:
    """Return the difference of two times, each rounded down to seconds. It is infinite if a change has no time."""
    if one.time is None or other.time is None:
        return inf
    return abs(int(one.time) - int(other.time))


def revision_of(stack: Stack, change: Change) -> Seen | None:
    """Return the revision of a change of a task that the table's stream told of: the same images in the same second."""
    if not is_task(change.keys):
        return None
    digest = change.digest()
    for each in _revisions(stack, change.keys["listId"]["S"], change.keys["taskId"]["S"]):
        kept = each.change
        if kept and kept.digest() == digest and seconds_between(kept, change) <= 1:
            return each
    return None


def _revisions(stack: Stack, list_id: str, task_id: str) -> Iterator[Seen]:
    """Give the revisions of a task, the newest first."""
    pages = (
        stack.client("dynamodb")
        .get_paginator("query")
        .paginate(
            TableName=stack.output("TaskHistoryTableName"),
            KeyConditionExpression="task = :task",
            ExpressionAttributeValues={":task": {"S": task_name(list_id, task_id)}},
            ScanIndexForward=False,
            ConsistentRead=True,
        )
    )
    for page in pages:
        for row in page["Items"]:
            yield _revision(stack, row)


def in_range(key: str, number: int) -> bool:
    """Tell by ``…/START-END.json`` or ``…/START-END.REASON.json`` whether a parked object may have a record."""
    found = RANGE.match(key.rpartition("/")[2])
    return found is not None and int(found["start"]) <= number <= int(found["end"])


def _seen_in(stack: Stack, manifest: Mapping[str, Any], payload: Mapping[str, Any]) -> Iterator[Seen]:
    arn = str(manifest.get("streamArn", ""))
    kind = StreamKind.DYNAMODB if ":dynamodb:" in arn else StreamKind.KINESIS
    yield from record_reader(stack)(kind, arn, str(manifest.get("shardId", NOWHERE)), payload["Records"])


def _revision(stack: Stack, row: Mapping[str, Any]) -> Seen:
    """Return a row of the history; one that record_history did not write has no change."""
    try:
        return Seen(StreamName.CHANGES, NOWHERE, NOWHERE, _change(stack, row))
    except (PoisonRecord, KeyError, TypeError, ValueError, AttributeError, RecursionError):
        name = quoted(row["revision"]["S"])  # the sort key, which every row has
        reason = f"the history has a row that record_history did not write: revision {name}"
        return Seen(StreamName.CHANGES, NOWHERE, NOWHERE, None, reason)


def _change(stack: Stack, row: Mapping[str, Any]) -> Change:
    """Return a change as record_history kept it: its images as they were, its key beginning with its position."""
    keys = checked_keys({"listId": row["listId"], "taskId": row["taskId"]})
    found = images_of(row, ("oldImage", "newImage"))
    images = {name: checked_item(image, name) for name, image in found.items()}
    position, time = position_of(int(row["revision"]["S"].partition("#")[0])), float(row["changedAt"]["N"])
    if not 0 <= time < LATEST_SECONDS:
        raise ValueError("its time is after the year 9999")
    return Change(
        kind=ChangeKind(row["kind"]["S"]),
        keys=keys,
        item=item_key(keys),
        old_image=images.get("oldImage"),
        new_image=images.get("newImage"),
        position=position,
        sequence_number=NOWHERE,
        event_id=row["eventId"]["S"],
        time=time,
        by_time_to_live=row["byTimeToLive"]["BOOL"],
        table=stack.output("TasksTableName"),
    )
