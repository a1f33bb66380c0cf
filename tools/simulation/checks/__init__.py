"""The guarantees, checked at the end of a run against what happened."""

from simulation.checks import announced, foreign, parked
from simulation.checks.views import WorldViews
from simulation.checks.violation import Violation
from simulation.excuses import Excuses
from simulation.world import World


def violations(world: World, excuses: Excuses) -> list[Violation]:
    """Return everything that is not as it should be."""
    views = WorldViews(world, excuses)
    found = list(views.violations())
    if announced.FUNCTION in views.subjects:
        found += announced.check(world, views.subjects[announced.FUNCTION])
    found += foreign.check(world, excuses)
    return [*found, *parked.check(world)]
