"""The guarantees, checked at the end of a run against what happened."""

from collections.abc import Callable, Iterator, Mapping

from simulation.checks import announced, archived, by_kind, counted, documents, measured, parked, revised
from simulation.checks.violation import Violation
from simulation.excuses import Excuses
from simulation.world import World

Check = Callable[[World, Excuses], Iterator[Violation]]

DEPTH: Mapping[str, Check] = {
    "count_tasks": counted.check,
    "archive_tasks": archived.check,
    "replicate_tasks": documents.check_replica,
    "index_tasks": documents.check_index,
    "project_licences": documents.check_licences,
    "record_history": revised.check,
    "measure_changes": measured.check,
    "announce_changes": announced.check,
}
"""What is checked of a consumer beyond its kind: the content of its view. No consumer needs an entry."""


def violations(world: World, excuses: Excuses) -> list[Violation]:
    """Return everything that is not as it should be."""
    names = [consumer.name for consumer in world.stack.consumers]
    depth = [DEPTH[name] for name in names if name in DEPTH]
    checks: list[Check] = [by_kind.check, *depth, parked.check]
    return [found for check in checks for found in check(world, excuses)]
