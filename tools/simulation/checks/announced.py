"""announce_changes: every transition once, or again under the same id where nobody can have known of the first."""

from collections.abc import Iterator

from simulation.checks.violation import Violation
from simulation.excuses import Excuses
from simulation.malformed import is_task, status_of
from simulation.truth import TrueChange
from simulation.world import World

FUNCTION = "announce_changes"


def check(world: World, excuses: Excuses) -> Iterator[Violation]:
    """Yield what is wrong with the notifications of TaskTransitionsTopic."""
    name = world.stack.arn_name(FUNCTION)
    said = {(one["listId"], one["taskId"], int(one["position"])): one for one in world.announcements.documents.values()}
    if len(said) != len(world.announcements.documents):
        yield Violation(FUNCTION, "all", "one transition is announced under two ids")
    for change in world.truth.changes:
        if not change.is_of_a_task or change.new is None:
            continue
        announced = said.pop((*change.key, change.moment), None)
        before, after = status_of(change.old), status_of(change.new)
        if announced is not None:
            if (announced["from"], announced["to"]) != (before, after) or before == after:
                problem = f"announced as {announced['from']} > {announced['to']}, and was {before} > {after}"
                yield Violation(FUNCTION, "/".join(change.key), problem, tuple(change.captured))
        elif before != after and is_task(change.new) and not excuses.excuse(name, change.captured):
            problem = f"{before} > {after} at {change.moment} is neither announced nor parked nor reported"
            yield Violation(FUNCTION, "/".join(change.key), problem, tuple(change.captured))
        elif not is_task(change.new) and not excuses.excuse(name, change.captured) and _stands(world, change):
            problem = f"is left malformed at {change.moment}, and that is neither parked nor reported"
            yield Violation(FUNCTION, "/".join(change.key), problem, tuple(change.captured))
    for one in said.values():
        yield Violation(FUNCTION, f"{one['listId']}/{one['taskId']}", f"announced, and never happened: {one}")
    yield from _in_order(world)
    for identity in world.announcements.unjustified:
        yield Violation(FUNCTION, identity, f"announced a second time for no reason, {identity}")


def _stands(world: World, change: TrueChange) -> bool:
    """Whether nothing has been written to the task since that a poison record could have been healed by."""
    later = [one for one in world.truth.of_item[change.key] if one.number > change.number]
    return all(one.new is not None and not is_task(one.new) for one in later)


def _in_order(world: World) -> Iterator[Violation]:
    """Within a shard, nothing is announced before what precedes it, unless the mapping had given that up."""
    order = {
        (one["listId"], one["taskId"], int(one["position"])): place
        for place, one in enumerate(world.announcements.documents.values())
    }
    shard_of, given_up = world.changes.shard_of, world.deliveries.given_up[FUNCTION]
    for key, changes in world.truth.tasks().items():
        last: dict[str, int] = {}
        for change in sorted(changes, key=lambda one: int(one.captured[0])):
            place = order.get((*key, change.moment))
            if place is None or len(change.captured) > 1 or given_up.intersection(change.captured):
                continue
            shard = shard_of[change.captured[0]]
            if place < last.get(shard, -1):
                yield Violation(FUNCTION, "/".join(key), "announced ahead of its order", tuple(change.captured))
            last[shard] = place
