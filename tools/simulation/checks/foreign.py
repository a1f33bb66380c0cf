"""Every record that a foreign consumer was to get is in its table, parked with its payload, or reported as expired."""

from collections.abc import Iterator, Mapping
from typing import Any

from simulation.checks.rows import rows_of
from simulation.checks.violation import Violation
from simulation.excuses import Excuses
from simulation.foreign.stack import FUNCTION, VIEW
from simulation.world import World


def check(world: World, excuses: Excuses) -> Iterator[Violation]:
    """Yield the records that the consumer lost, and rows that no record accounts for."""
    name, bodies = world.stack.arn_name(FUNCTION), world.stream_of(FUNCTION).bodies
    rows = {row["id"]["S"]: row for row in rows_of(world, VIEW)}
    for number, record in bodies.items():
        image = record["dynamodb"].get("NewImage")
        if number not in rows:
            if not excuses.excuse(name, (number,)):
                yield Violation(FUNCTION, number, "is neither copied, nor parked, nor expired", (number,))
        elif is_refused(record):
            yield Violation(FUNCTION, number, "is copied, and the function refuses it", (number,))
        elif rows[number]["description"] != (image["description"] if image else {"S": ""}):
            yield Violation(FUNCTION, number, "is copied with another description", (number,))
    for number in rows.keys() - bodies.keys():
        yield Violation(FUNCTION, number, "is copied, and was never in the stream", (number,))


def is_refused(record: Mapping[str, Any]) -> bool:
    """Tell whether the function fails on a record however often it gets it."""
    image = record["dynamodb"].get("NewImage")
    return image is not None and "S" not in image.get("description", {})
