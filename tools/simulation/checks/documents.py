"""replicate_tasks, index_tasks, project_licences: copies of the newest good state, and tombstones of what is gone."""

from collections.abc import Iterator
from typing import Any

from domain.tasks import Key
from simulation.checks import newest
from simulation.checks.rows import Item, rows_of, search_documents
from simulation.checks.violation import Violation
from simulation.excuses import Excuses
from simulation.malformed import is_task
from simulation.truth import Revision, TrueChange
from simulation.world import World


def check_replica(world: World, excuses: Excuses) -> Iterator[Violation]:
    """Yield what is wrong with ReplicaTable."""
    rows = {(row["listId"]["S"], row["taskId"]["S"]): row for row in rows_of(world, "ReplicaTable")}
    found = {key: newest.Row(int(row["watermark"]["S"]), row) for key, row in rows.items()}
    yield from _check_tasks("replicate_tasks", world, excuses, found, _replica_differs)


def check_index(world: World, excuses: Excuses) -> Iterator[Violation]:
    """Yield what is wrong with the search index."""
    found = {
        (source["listId"], source["taskId"]): newest.Row(version, source) for version, source in search_documents(world)
    }
    yield from _check_tasks("index_tasks", world, excuses, found, _document_differs)


def check_licences(world: World, excuses: Excuses) -> Iterator[Violation]:
    """Yield what is wrong with LicencesTable."""
    function = "project_licences"
    name = world.stack.arn_name(function)
    rows = {row["documentId"]["S"]: row for row in rows_of(world, "LicencesTable")}
    for document_id, revisions in world.truth.of_document.items():
        row = rows.pop(document_id, None)
        found = newest.Row(int(row["watermark"]["S"]), row) if row else None
        steps = [newest.ItemStep(one.version + 1, one.is_good, one.captured, one) for one in revisions]
        yield from newest.check(
            function, document_id, steps, found, _licence_differs, lambda numbers: excuses.excuse(name, numbers)
        )
    for document_id in rows:
        yield Violation(function, document_id, "is there, and there never was such a document")


def _check_tasks(
    function: str, world: World, excuses: Excuses, rows: dict[Key, newest.Row[Any]], differs: Any
) -> Iterator[Violation]:
    name = world.stack.arn_name(function)
    for key, changes in world.truth.tasks().items():
        steps = [newest.ItemStep(one.moment, one.new is None or is_task(one.new), one.captured, one) for one in changes]
        yield from newest.check(
            function, "/".join(key), steps, rows.pop(key, None), differs, lambda numbers: excuses.excuse(name, numbers)
        )
    for key in rows:
        yield Violation(function, "/".join(key), "is there, and there never was such a task")


def _replica_differs(change: TrueChange, row: Item) -> str | None:
    content = {name: value for name, value in row.items() if name not in ("watermark", "tombstoneExpiresAt")}
    expected = change.keys if change.new is None else change.new
    if content != expected or ("tombstoneExpiresAt" in row) != (change.new is None):
        return f"shows {content}, and is {change.new}"
    return None


def _document_differs(change: TrueChange, document: dict[str, Any]) -> str | None:
    if change.new is None:
        return None if document.get("deleted") else f"is gone, and its document is {document}"
    expected = {name: value["S"] for name, value in change.new.items() if "S" in value}
    return None if document == expected else f"is indexed as {document}, and is {expected}"


def _licence_differs(revision: Revision, row: Item) -> str | None:
    content = {name: value for name, value in row.items() if name not in ("watermark", "tombstoneExpiresAt")}
    expected: Item = {"documentId": {"S": revision.document_id}}
    for name, value in (revision.licence or {}).items():
        expected[name] = {"N": str(value)} if isinstance(value, int) else {"S": value}
    if content != expected or ("tombstoneExpiresAt" in row) != (revision.licence is None):
        return f"shows {content}, and is {expected}"
    return None
