"""announce_changes: every transition once, or again under the same id where nobody can have known of the first."""

from collections import defaultdict
from collections.abc import Iterator

from domain import announcements
from simulation.checks.views import told
from simulation.checks.violation import Violation
from simulation.world import World
from verification.changes import Given
from verification.subject import ViewSubject

FUNCTION = announcements.CONSUMER


def check(world: World, subject: ViewSubject) -> Iterator[Violation]:
    """Yield what is wrong with the notifications of TaskTransitionsTopic."""
    yield from told(FUNCTION, announcements.problems(subject, world.announcements.documents.values()))
    yield from _in_order(world, subject)
    for identity in world.announcements.unjustified:
        yield Violation(FUNCTION, identity, f"announced a second time for no reason, {identity}")


def _in_order(world: World, subject: ViewSubject) -> Iterator[Violation]:
    """Within a shard, nothing is announced before what precedes it, unless the mapping had given that up."""
    order = {
        (one["listId"], one["taskId"], int(one["position"])): place
        for place, one in enumerate(world.announcements.documents.values())
    }
    shard_of, given_up = world.changes.shard_of, world.deliveries.given_up[FUNCTION]
    last: defaultdict[tuple[str, str], int] = defaultdict(lambda: -1)
    for change in sorted(subject.given, key=_first_number):
        place = order.get((change.keys["listId"], change.keys["taskId"], change.position))
        if place is None or len(change.numbers) > 1 or given_up.intersection(change.numbers):
            continue
        shard = change.subject, shard_of[change.numbers[0]]
        if place < last[shard]:
            yield Violation(FUNCTION, change.subject, "announced ahead of its order", tuple(change.numbers))
        last[shard] = place


def _first_number(change: Given) -> int:
    return int(change.numbers[0])
