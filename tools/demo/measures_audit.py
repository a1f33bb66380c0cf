"""The audit of the measures: the sums over all windows of a list, compared with every change of its tasks."""

from collections import Counter, defaultdict
from collections.abc import Callable

from demo.audit import Finding
from demo.runtime import ServedStack
from demo.truth import Record, TableTruth, scan
from domain.tasks import Item
from tasks import measure_row
from tasks.measures import Measures
from tasks.observation import Completion, MeasuredKind

KINDS = {"INSERT": MeasuredKind.INSERTED, "MODIFY": MeasuredKind.MODIFIED, "REMOVE": MeasuredKind.REMOVED}
Sums = tuple[Counter[MeasuredKind], int, int]
"""Changes by kind, distinct tasks, tasks that became done."""


def audit_measures(runtime: ServedStack, truth: TableTruth, is_malformed: Callable[[Item], bool]) -> Finding:
    """Compare the changes of every list by kind, their tasks, and how many of them became done.

    A change that left its task malformed is parked, and not measured; a malformed task is never done.
    """
    rows: defaultdict[str, list[Item]] = defaultdict(list)
    for row in scan(runtime, "TaskMeasuresTableName"):
        rows[row["listId"]["S"]].append(row)
    measured = {list_id: _measured(measure_row.measures(of_list)) for list_id, of_list in rows.items()}
    happened = _happened(truth, is_malformed)
    differences = [
        f"{list_id}: measured {measured.get(list_id)}, in truth {happened.get(list_id)}"
        for list_id in sorted({*measured, *happened})
        if measured.get(list_id) != happened.get(list_id)
    ]
    return Finding("TaskMeasuresTable, per list", len(happened), differences)


def _measured(of: Measures) -> Sums:
    done = of.completions
    return of.kinds, of.tasks, done[Completion.TIMED] + done[Completion.BACKWARDS] + done[Completion.UNTIMED]


def _happened(truth: TableTruth, is_malformed: Callable[[Item], bool]) -> dict[str, Sums]:
    kinds: defaultdict[str, Counter[MeasuredKind]] = defaultdict(Counter)
    tasks, done = Counter[str](), Counter[str]()
    for (list_id, _), records in truth.changes.items():
        good = [record for record in records if not is_malformed(record["dynamodb"].get("NewImage", {}))]
        tasks[list_id] += bool(good)
        kinds[list_id].update(map(_kind, good))
        done[list_id] += sum(_becomes_done(record, is_malformed) for record in good)
    return {list_id: (kinds[list_id], tasks[list_id], done[list_id]) for list_id in +tasks}


def _kind(record: Record) -> MeasuredKind:
    return MeasuredKind.EXPIRED if record.get("userIdentity") else KINDS[record["eventName"]]


def _becomes_done(record: Record, is_malformed: Callable[[Item], bool]) -> bool:
    old, new = (record["dynamodb"].get(name, {}) for name in ("OldImage", "NewImage"))
    was_done = old.get("status") == {"S": "done"} and not is_malformed(old)
    return new.get("status") == {"S": "done"} and not was_done
