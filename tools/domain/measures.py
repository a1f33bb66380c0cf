"""The measures of tasks: over all windows of a list, every change of its tasks counts once."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator

from domain.malformed import is_task, status_of
from tasks import measure_row
from tasks.measures import Measures
from tasks.observation import Completion, MeasuredKind
from verification.changes import Given
from verification.subject import ViewProblem, ViewSubject
from verification.view import Row

KINDS = {"INSERT": MeasuredKind.INSERTED, "MODIFY": MeasuredKind.MODIFIED, "REMOVE": MeasuredKind.REMOVED}
DONE, TASKS = "done", "tasks"
Sums = Counter[MeasuredKind | str]


def problems(subject: ViewSubject) -> Iterator[ViewProblem]:
    """Yield the sums that are higher than what happened, or lower without excuse.

    A change that left its task malformed is parked, and not measured; a malformed task is never done.
    """
    rows: defaultdict[str, list[Row]] = defaultdict(list)
    for row in subject.view.rows:
        rows[row["listId"]["S"]].append(row)
    good = [change for change in subject.given if change.new is None or is_task(change.new)]
    most_of = _happened(good)
    least_of = _happened([change for change in good if not subject.excused(change.numbers)])
    for list_id in sorted({*rows, *most_of}):
        measured = _sums(measure_row.measures(rows[list_id]))
        for kind in (*MeasuredKind, DONE, TASKS):
            most, least = most_of[list_id][kind], least_of[list_id][kind]
            if not least <= measured[kind] <= most:
                what = f"{kind!s}: {measured[kind]} are measured, {most} happened, {most - least} of them are excused"
                yield ViewProblem(list_id, what)


def _happened(changes: Iterable[Given]) -> defaultdict[str, Sums]:
    """Return by list how many changes there are of each kind, and of how many tasks."""
    happened: defaultdict[str, Sums] = defaultdict(Counter)
    tasks: defaultdict[str, set[str]] = defaultdict(set)
    for change in changes:
        list_id = change.keys["listId"]
        tasks[list_id].add(change.keys["taskId"])
        happened[list_id].update(_observed(change))
        happened[list_id][TASKS] = len(tasks[list_id])
    return happened


def _observed(change: Given) -> Iterator[MeasuredKind | str]:
    yield MeasuredKind.EXPIRED if change.by_ttl else KINDS[change.kind]
    if status_of(change.new) == DONE != status_of(change.old):
        yield DONE


def _sums(of: Measures) -> Sums:
    done = of.completions
    sums: Sums = Counter(of.kinds)
    sums[TASKS] = of.tasks
    sums[DONE] = done[Completion.TIMED] + done[Completion.BACKWARDS] + done[Completion.UNTIMED]
    return sums
