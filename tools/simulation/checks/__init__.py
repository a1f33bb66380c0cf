"""The guarantees, checked at the end of a run against what happened."""

from collections.abc import Callable, Iterator

from simulation.checks import announced, archived, counted, documents, measured, parked, revised
from simulation.checks.violation import Violation
from simulation.excuses import Excuses
from simulation.world import World

CHECKS: tuple[Callable[[World, Excuses], Iterator[Violation]], ...] = (
    counted.check,
    archived.check,
    documents.check_replica,
    documents.check_index,
    documents.check_licences,
    revised.check,
    measured.check,
    announced.check,
    parked.check,
)


def violations(world: World, excuses: Excuses) -> list[Violation]:
    """Return everything that is not as it should be."""
    return [found for check in CHECKS for found in check(world, excuses)]
