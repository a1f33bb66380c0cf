"""archive_tasks: every deletion by TTL, and nothing else."""

from collections.abc import Iterator

from changestream.wire.attribute_values import to_boto3
from changestream.wire.stored_images import images_of
from simulation.checks.rows import rows_of
from simulation.checks.violation import Violation
from simulation.excuses import Excuses
from simulation.world import World

FUNCTION = "archive_tasks"


def check(world: World, excuses: Excuses) -> Iterator[Violation]:
    """Yield what is wrong with ArchivedTasksTable."""
    name = world.stack.arn_name(FUNCTION)
    rows = {int(row["position"]["S"]): row for row in rows_of(world, "ArchivedTasksTable")}
    for change in world.truth.changes:
        if not (change.by_ttl and change.is_of_a_task):
            continue
        row = rows.pop(int(change.sequence_number), None)
        if row is None:
            if not excuses.excuse(name, [change.sequence_number]):
                problem = f"the deletion {change.sequence_number} is neither archived nor parked nor reported"
                yield Violation(FUNCTION, "/".join(change.key), problem, (change.sequence_number,))
        elif (archived := to_boto3(images_of(row, ["image"])["image"])) != change.old:
            problem = f"is archived as {archived}, and was {change.old}"
            yield Violation(FUNCTION, "/".join(change.key), problem, (change.sequence_number,))
    for row in rows.values():
        yield Violation(FUNCTION, row["task"]["S"], "is archived, and did not expire")
