"""For any records, settings, failures, splits, merges, updates and crashes: every record succeeds or is handed over.

In order per item, and never twice without a reason.
"""

from typing import Any

from hypothesis import given, settings

from event_source_mapping import Step, StepKind
from event_source_mapping.rehearsal import identifier

from .mapping_plans import PLANS, Crash, Plan, Player

THOROUGHLY = settings(max_examples=40)


def succeeded(player: Player, step: Step) -> tuple[str, ...]:
    """The records of a delivery that the mapping takes to be done with."""
    if step.detail["outcome"] == "success":
        return step.sequence_numbers
    done = player.witness.before_report(step.sequence_numbers) if step.detail["outcome"] == "partial" else 0
    return step.sequence_numbers[:done]


def is_covered(checkpoints: dict[str, Any], shard_id: str, name: str) -> bool:
    """Whether a mapping that resumes at the checkpoints is past the record."""
    place = checkpoints["shards"].get(shard_id, {"type": "TRIM_HORIZON"})
    if place["type"] == "SHARD_END":
        return True
    return place["type"] == "AFTER_SEQUENCE_NUMBER" and int(name) <= int(place["sequenceNumber"])


def required(player: Player) -> set[str]:
    """What must be delivered or handed over: all but what the filter drops."""
    return {
        name for name in player.item_of if not (player.plan.is_filtered and player.witness.behaviour[name] == "dropped")
    }


@THOROUGHLY
@given(PLANS)
def test_every_record_is_accepted_or_handed_over_and_no_other_is_delivered(plan: Plan) -> None:
    player = Player(plan).play()

    accepted = {name for step in player.chronicle.steps(StepKind.DELIVERED) for name in succeeded(player, step)}
    handed_over = {
        identifier(record) for _, batch in player.rehearsal.destinations.received for record in batch.payload["Records"]
    }
    delivered = {name for names in player.rehearsal.batches for name in names}
    assert accepted | handed_over == required(player)
    assert delivered <= required(player)


@THOROUGHLY
@given(PLANS)
def test_no_record_is_delivered_before_those_of_its_item_that_came_before_it_are_done_with(plan: Plan) -> None:
    player = Player(plan).play()

    wanted = required(player)
    settled: set[str] = set()
    for entry in player.chronicle.entries:
        if not isinstance(entry, Step) or entry.kind not in (StepKind.DELIVERED, StepKind.DISCARDED):
            continue
        names = entry.sequence_numbers
        for index, name in enumerate(names):
            earlier = [other for other in wanted if player.item_of[other] == player.item_of[name]]
            earlier = [other for other in earlier if int(other) < int(name)]
            assert set(earlier) <= settled | set(names[:index])
        settled.update(names if entry.kind is StepKind.DISCARDED else succeeded(player, entry))


@THOROUGHLY
@given(PLANS)
def test_deliveries_beyond_the_first_are_explained_by_a_failure_or_a_restart(plan: Plan) -> None:
    player = Player(plan).play()

    seen: set[str] = set()
    explained: set[str] = set()
    for entry in player.chronicle.entries:
        if isinstance(entry, Crash):
            shard_of = player.shard_of
            explained |= {name for name in seen if not is_covered(entry.checkpoints, shard_of[name], name)}
        elif entry.kind is StepKind.DISCARDED:
            explained.difference_update(entry.sequence_numbers)
        elif entry.kind is StepKind.DELIVERED:
            names = entry.sequence_numbers
            assert seen.intersection(names) <= explained
            seen.update(names)
            explained.update(names)
            explained.difference_update(succeeded(player, entry))


@settings(max_examples=15)
@given(PLANS)
def test_the_same_plan_gives_the_same_steps(plan: Plan) -> None:
    first, second = Player(plan).play(), Player(plan).play()

    assert [_shape(entry) for entry in first.chronicle.entries] == [_shape(entry) for entry in second.chronicle.entries]


def _shape(entry: Step | Crash) -> tuple[Any, ...]:
    if isinstance(entry, Crash):
        return (entry.checkpoints,)
    return entry.kind, entry.shard_id, entry.at, entry.sequence_numbers
