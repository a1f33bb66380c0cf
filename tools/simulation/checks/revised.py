"""record_history: every change of every task, once, as it was."""

from collections.abc import Iterator

from changestream.wire.attribute_values import to_boto3
from changestream.wire.stored_images import images_of
from simulation.checks.rows import Item, rows_of
from simulation.checks.violation import Violation
from simulation.excuses import Excuses
from simulation.truth import TrueChange
from simulation.world import World

FUNCTION = "record_history"


def check(world: World, excuses: Excuses) -> Iterator[Violation]:
    """Yield what is wrong with TaskHistoryTable."""
    name = world.stack.arn_name(FUNCTION)
    rows: dict[int, Item] = {}
    for row in rows_of(world, "TaskHistoryTable"):
        moment = int(row["revision"]["S"].partition("#")[0])
        if moment in rows:
            yield Violation(FUNCTION, row["task"]["S"], f"the change at {moment} is recorded twice")
        rows[moment] = row
    for change in world.truth.changes:
        if not change.is_of_a_task:
            continue
        recorded = rows.pop(change.moment, None)
        if recorded is not None:
            yield from _compared(change, recorded)
        elif not excuses.excuse(name, change.captured):
            problem = f"{change.name} at {change.moment} is neither recorded nor parked nor reported"
            yield Violation(FUNCTION, "/".join(change.key), problem, tuple(change.captured))
    for row in rows.values():
        yield Violation(FUNCTION, row["task"]["S"], "a revision is recorded that never was")


def _compared(change: TrueChange, row: Item) -> Iterator[Violation]:
    images = {name: to_boto3(image) for name, image in images_of(row, ("oldImage", "newImage")).items()}
    recorded = (row["kind"]["S"], images.get("oldImage"), images.get("newImage"), row["byTimeToLive"]["BOOL"])
    if recorded != (change.name, change.old, change.new, change.by_ttl):
        yield Violation(
            FUNCTION, "/".join(change.key), f"is recorded as {recorded}, and was {change}", tuple(change.captured)
        )
