"""measure_changes: over all rows of a list, every change of its tasks counts once."""

from collections import Counter, defaultdict
from collections.abc import Iterator

from simulation.checks.rows import Item, rows_of
from simulation.checks.violation import Violation
from simulation.excuses import Excuses
from simulation.malformed import status_of
from simulation.truth import TrueChange
from simulation.world import World
from tasks import measure_row
from tasks.measures import Measures
from tasks.observation import Completion, MeasuredKind

FUNCTION = "measure_changes"
KINDS = {"INSERT": MeasuredKind.INSERTED, "MODIFY": MeasuredKind.MODIFIED, "REMOVE": MeasuredKind.REMOVED}
DONE = "done"
Sums = Counter[MeasuredKind | str]


def check(world: World, excuses: Excuses) -> Iterator[Violation]:
    """Yield what is wrong with TaskMeasuresTable: sums that are higher than what happened, or lower without excuse."""
    name = world.stack.arn_name(FUNCTION)
    rows: defaultdict[str, list[Item]] = defaultdict(list)
    for row in rows_of(world, "TaskMeasuresTable"):
        rows[row["listId"]["S"]].append(row)
    happened: defaultdict[str, Sums] = defaultdict(Counter)
    excused: defaultdict[str, Sums] = defaultdict(Counter)
    for change in world.truth.changes:
        if change.is_of_a_task:
            happened[change.key[0]].update(_observed(change))
            if excuses.excuse(name, change.captured):
                excused[change.key[0]].update(_observed(change))
    for list_id in sorted({*rows, *happened}):
        measured = _sums(measure_row.measures(rows[list_id]))
        for kind in (*MeasuredKind, DONE):
            most, least = happened[list_id][kind], happened[list_id][kind] - excused[list_id][kind]
            if not least <= measured[kind] <= most:
                told = (
                    f"{measured[kind]} changes of kind {kind!s} are measured, {most} happened, {most - least} excused"
                )
                yield Violation(FUNCTION, list_id, told)


def _observed(change: TrueChange) -> Iterator[MeasuredKind | str]:
    yield MeasuredKind.EXPIRED if change.by_ttl else KINDS[change.name]
    if status_of(change.new) == DONE != status_of(change.old):
        yield DONE


def _sums(of: Measures) -> Sums:
    done = of.completions
    sums: Sums = Counter(of.kinds)
    sums[DONE] = done[Completion.TIMED] + done[Completion.BACKWARDS] + done[Completion.UNTIMED]
    return sums
