"""count_tasks: memberships as of the newest good change of each task, and totals that are their sums."""

from collections import Counter, defaultdict
from collections.abc import Iterator

from domain.tasks import Key
from simulation.checks import newest
from simulation.checks.rows import Item, rows_of
from simulation.checks.violation import Violation
from simulation.excuses import Excuses
from simulation.malformed import is_task, status_of
from simulation.truth import TrueChange
from simulation.world import World

FUNCTION = "count_tasks"


def check(world: World, excuses: Excuses) -> Iterator[Violation]:
    """Yield what is wrong with TaskCountsTable."""
    name = world.stack.arn_name(FUNCTION)
    members: dict[Key, Item] = {}
    totals: dict[str, Counter[str]] = {}
    sums: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for row in rows_of(world, "TaskCountsTable"):
        list_id, task_id = row["listId"]["S"], row["taskId"]["S"]
        if task_id == "#totals":
            numbers = {name: int(value["N"]) for name, value in row.items() if "N" in value}
            totals[list_id] = Counter({name: number for name, number in numbers.items() if number})
        else:
            members[list_id, task_id] = row
            if row["present"]["BOOL"]:
                sums[list_id].update(["total", row["status"]["S"]])
    for key, changes in world.truth.tasks().items():
        member = members.pop(key, None)
        found = newest.Row(int(member["watermark"]["S"]), member) if member else None
        steps = [
            newest.ItemStep(int(one.sequence_number), one.new is None or is_task(one.new), [one.sequence_number], one)
            for one in changes
        ]
        yield from newest.check(
            FUNCTION, "/".join(key), steps, found, _differs, lambda numbers: excuses.excuse(name, numbers)
        )
    for key in members:
        yield Violation(FUNCTION, "/".join(key), "is counted, and there never was such a task")
    for list_id in sorted({*totals, *sums}):
        if totals.get(list_id, Counter()) != sums[list_id]:
            told = f"totals are {dict(totals.get(list_id, {}))}, the memberships come to {dict(sums[list_id])}"
            yield Violation(FUNCTION, list_id, told)


def _differs(change: TrueChange, row: Item) -> str | None:
    status = status_of(change.new)
    shown = row["status"]["S"] if row["present"]["BOOL"] else None
    return None if shown == status else f"is counted as {shown}, and is {status}"
