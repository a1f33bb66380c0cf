"""Each view asked for one change: how it stands to it, by the row that the change would have written."""

import json
from collections.abc import Callable, Mapping
from hashlib import sha256
from typing import Any

from changestream.core.change import Change
from changestream.core.errors import PoisonRecord
from changestream.core.identity import identity_of
from changestream.core.observation_set import IDENTITY_WIDTH, apart
from changestream.wire.attribute_values import to_event
from streamctl.explaining.verdict import Verdict, ViewState, by_watermark
from streamctl.reading.search import search_version
from streamctl.stack import Stack
from tasks.search_document import document_id, version_of
from tasks.task import is_task, status_of
from tasks.task_measure import observe
from tasks.task_name import task_name
from tasks.transition import transition_of

Row = Mapping[str, Any]


def of_counts(stack: Stack, change: Change) -> ViewState:
    """``count_tasks``: the membership row of the task."""
    row = _row(stack, stack.output("TaskCountsTableName"), dict(change.keys))
    return _guarded("counts", "CountTasks", change, row)


def counted_position(stack: Stack, change: Change) -> str | None:
    """Return the position in the table's stream that ``count_tasks`` applied last to a change's item."""
    if not concerns_tasks(change):
        return None
    row = _row(stack, stack.output("TaskCountsTableName"), dict(change.keys))
    return row["watermark"]["S"] if row else None


def of_archive(stack: Stack, change: Change) -> ViewState:
    """``archive_tasks``: a row for a deletion by TTL, and nothing for anything else."""
    if not change.by_time_to_live:
        return ViewState("archive", "ArchiveTasks", Verdict.NOT_CONCERNED, "it is no deletion by TTL")
    key = {"task": {"S": _task(change)}, "position": {"S": change.position}}
    return _present("archive", "ArchiveTasks", change, _row(stack, stack.output("ArchivedTasksTableName"), key))


def of_index(stack: Stack, change: Change) -> ViewState:
    """``index_tasks``: the version of the task's document, tombstones too."""
    if "SearchIndexName" not in stack.outputs:
        return ViewState("search index", "IndexTasks", Verdict.NOT_CONCERNED, "the stack has no search index")
    version, position = search_version(stack, document_id(change.keys)), version_of(change.position)
    verdict = by_watermark(change.position, None if version is None else f"{version:0{len(change.position)}d}")
    shown = None if version is None else str(version)
    return ViewState("search index", "IndexTasks", verdict, "", str(position), shown)


def of_replica(stack: Stack, change: Change) -> ViewState:
    """``replicate_tasks``: the row of the task, in whatever region the replica is."""
    table = stack.parameters.get("ReplicaTableName") or stack.output("ReplicaTableName")
    row = _row(stack, table, dict(change.keys), stack.parameters.get("ReplicaRegion") or None)
    return _guarded("replica", "ReplicateTasks", change, row)


def of_history(stack: Stack, change: Change) -> ViewState:
    """``record_history``: the revision, whose key is made of the position and of what changed."""
    revision = f"{change.position}#{change.digest().hex()[:16]}"
    key = {"task": {"S": _task(change)}, "revision": {"S": revision}}
    return _present("history", "RecordHistory", change, _row(stack, stack.output("TaskHistoryTableName"), key))


def of_measures(stack: Stack, change: Change) -> ViewState:
    """``measure_changes``: whether some row of the list has the change among its observations."""
    identity = observe(change, change.occurred_at).identity[:IDENTITY_WIDTH]
    pages = stack.client("dynamodb").get_paginator("query")
    for page in pages.paginate(
        TableName=stack.output("TaskMeasuresTableName"),
        KeyConditionExpression="listId = :list",
        ExpressionAttributeValues={":list": change.keys["listId"]},
        ProjectionExpression="#window, observations",
        ExpressionAttributeNames={"#window": "window"},
    ):
        for row in page["Items"]:
            if identity in apart(bytes(row["observations"]["B"])):
                window = {"window": row["window"]}
                return ViewState("measures", "MeasureChanges", Verdict.APPLIED, "", change.position, None, window)
    why = "its window may not have ended"
    return ViewState("measures", "MeasureChanges", Verdict.NOT_YET, why, change.position)


def of_announcements(stack: Stack, change: Change) -> ViewState:
    """``announce_changes``: whether the transition is remembered as announced."""
    try:
        transition = transition_of(change)
    except PoisonRecord as error:
        now = _row(stack, stack.output("TasksTableName"), dict(change.keys))
        verdict = Verdict.SUPERSEDED if now is None or status_of(now) else Verdict.NOT_YET
        return ViewState("announcements", "AnnounceChanges", verdict, error.reason, change.position)
    if transition is None:
        return ViewState("announcements", "AnnounceChanges", Verdict.NOT_CONCERNED, "the status stayed, or went")
    # As Powertools Idempotency keys what changestream.aws.once remembers.
    memory = f"announcement#{sha256(json.dumps(identity_of(change)).encode()).hexdigest()}"
    row = _row(stack, stack.resources["AnnouncementsTable"], {"id": {"S": memory}})
    done = row is not None and row.get("status", {}).get("S") == "COMPLETED"
    verdict, why = (Verdict.APPLIED, "") if done else (Verdict.NOT_YET, "an invocation is at it" if row else "")
    return ViewState("announcements", "AnnounceChanges", verdict, why, change.position, None, row)


def of_licences(stack: Stack, change: Change) -> ViewState:
    """``project_licences``: the row of the document."""
    row = _row(stack, stack.output("LicencesTableName"), dict(change.keys))
    return _guarded("licences", "ProjectLicences", change, row)


View = Callable[[Stack, Change], ViewState]

OF_TABLE: dict[str, View] = {"counts": of_counts, "archive": of_archive}
OF_CAPTURED: dict[str, View] = {
    "search index": of_index,
    "replica": of_replica,
    "history": of_history,
    "measures": of_measures,
    "announcements": of_announcements,
}
OF_LEDGER: dict[str, View] = {"licences": of_licences}

FUNCTIONS = {
    "counts": "CountTasks",
    "archive": "ArchiveTasks",
    "search index": "IndexTasks",
    "replica": "ReplicateTasks",
    "history": "RecordHistory",
    "measures": "MeasureChanges",
    "announcements": "AnnounceChanges",
    "licences": "ProjectLicences",
}


def concerns_tasks(change: Change) -> bool:
    """Tell whether the views of tasks take note of the item at all."""
    return is_task(change.keys)


def _task(change: Change) -> str:
    return task_name(change.keys["listId"]["S"], change.keys["taskId"]["S"])


def _row(stack: Stack, table: str, key: dict[str, Any], region: str | None = None) -> Row | None:
    """Return a row as events write it, strongly consistent."""
    answer = stack.client("dynamodb", region).get_item(TableName=table, Key=key, ConsistentRead=True)
    return to_event(answer["Item"]) if "Item" in answer else None


def _guarded(view: str, function: str, change: Change, row: Row | None) -> ViewState:
    watermark = row["watermark"]["S"] if row else None
    verdict = by_watermark(change.position, watermark)
    return ViewState(view, function, verdict, "", change.position, watermark, row)


def _present(view: str, function: str, change: Change, row: Row | None) -> ViewState:
    verdict = Verdict.APPLIED if row else Verdict.NOT_YET
    return ViewState(view, function, verdict, "", change.position, None, row)
