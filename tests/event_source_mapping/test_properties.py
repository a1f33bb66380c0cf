"""For any records, settings, failures, splits and restarts: every record succeeds or is handed over, in order."""

import asyncio
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from event_source_mapping import StepKind, Throttled
from event_source_mapping.rehearsal import DATA_STREAM_ARN, FAILED_BATCHES_ARN, TABLE_STREAM_ARN, Rehearsal, identifier
from event_source_mapping.virtual_time import run

ITEMS = ["a", "b", "c", "d"]


@dataclass(frozen=True)
class Plan:
    """What is written and when shards change, what the function does, when the mapping is stopped."""

    request: dict[str, Any]
    source_arn: str
    writes: list[tuple[str, str]]  # (item, or "split" or "roll"; behaviour of the record)
    restarts: list[float]
    duration: float
    refusals: int


REQUESTS = st.fixed_dictionaries(
    {
        "BatchSize": st.integers(1, 8),
        "ParallelizationFactor": st.sampled_from([1, 1, 2, 3]),
        "MaximumBatchingWindowInSeconds": st.sampled_from([0, 0, 2]),
        "BisectBatchOnFunctionError": st.booleans(),
        "MaximumRetryAttempts": st.integers(0, 3),
        "MaximumRecordAgeInSeconds": st.sampled_from([-1, 60]),
        "FunctionResponseTypes": st.sampled_from([[], ["ReportBatchItemFailures"]]),
    }
)
WRITES = st.lists(
    st.tuples(
        st.sampled_from([*ITEMS, *ITEMS, "split", "roll", "wait"]),
        st.sampled_from(["good", "good", "good", "poison", "throttled", "flaky", "reported"]),
    ),
    max_size=40,
)
PLANS = st.builds(
    Plan,
    request=REQUESTS,
    source_arn=st.sampled_from([TABLE_STREAM_ARN, DATA_STREAM_ARN]),
    writes=WRITES,
    restarts=st.lists(st.floats(0.0, 20.0), max_size=3),
    duration=st.sampled_from([0.0, 0.7]),
    refusals=st.integers(0, 2),
)


class Witness:
    """A function that behaves as its records say and keeps what it accepted, item by item."""

    def __init__(self, reporting: bool) -> None:
        self.reporting = reporting
        self.behaviour: dict[str, str] = {}
        self.seen: dict[str, int] = {}
        self.accepted: list[str] = []

    def __call__(self, event: dict[str, Any]) -> Any:
        names = [identifier(record) for record in event["Records"]]
        for name in names:
            self.seen[name] = self.seen.get(name, 0) + 1
        if any(self.behaviour[name] == "throttled" and self.seen[name] == 1 for name in names):
            raise Throttled("Rate Exceeded.")
        if any(self.behaviour[name] == "flaky" and self.seen[name] <= 2 for name in names):
            raise TimeoutError("Task timed out after 3.00 seconds")
        if any(self.behaviour[name] == "poison" for name in names):
            raise ValueError("poison")
        done = self.done(names)
        self.accepted += names[:done]
        return {"batchItemFailures": [{"itemIdentifier": name} for name in names[done : done + 1]]}

    def done(self, names: Sequence[str]) -> int:
        """How many records come before the first that is reported, if the mapping listens to reports."""
        reported = (index for index, name in enumerate(names) if self.behaviour[name] == "reported")
        return next(reported, len(names)) if self.reporting else len(names)


async def live(rehearsal: Rehearsal, plan: Plan) -> None:
    """Run the mapping, killing it at the planned moments and resuming from its checkpoints, until all is quiet."""
    for lifetime in plan.restarts:
        task = asyncio.ensure_future(rehearsal.mapping.run())
        await rehearsal.clock.sleep(lifetime)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        rehearsal.new_mapping(json.loads(json.dumps(rehearsal.mapping.checkpoints())))
    await rehearsal.until_idle()


async def write(rehearsal: Rehearsal, plan: Plan, witness: Witness) -> dict[str, str]:
    """Write what is planned; return the item of each sequence number, in the order of writing."""
    item_of: dict[str, str] = {}
    for item, behaviour in plan.writes:
        if item in ITEMS:
            name = rehearsal.put(behaviour, item=item)
            item_of[name] = item
            witness.behaviour[name] = behaviour
        elif item == "wait":
            await rehearsal.clock.sleep(1.0)
        else:
            reshard: Callable[[str], Any] = getattr(rehearsal.store, item)
            reshard(next(shard.shard_id for shard in rehearsal.store.listing() if shard.ending is None))
    return item_of


def played(plan: Plan) -> tuple[Rehearsal, Witness, dict[str, str]]:
    witness = Witness(bool(plan.request["FunctionResponseTypes"]))
    request = plan.request | {"DestinationConfig": {"OnFailure": {"Destination": FAILED_BATCHES_ARN}}}
    rehearsal = Rehearsal(request, witness, source_arn=plan.source_arn, duration=plan.duration)
    rehearsal.destinations.refusals = plan.refusals

    async def life() -> dict[str, str]:
        writing = asyncio.ensure_future(write(rehearsal, plan, witness))
        await live(rehearsal, plan)
        item_of = await writing
        await rehearsal.until_idle()
        return item_of

    return rehearsal, witness, run(life())


def handed_over(rehearsal: Rehearsal) -> set[str]:
    return {identifier(record) for _, batch in rehearsal.destinations.received for record in batch.payload["Records"]}


def in_first_acceptance(names: list[str]) -> list[str]:
    return list(dict.fromkeys(names))


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(PLANS)
def test_every_record_is_accepted_or_handed_over_and_items_keep_their_order(plan: Plan) -> None:
    rehearsal, witness, item_of = played(plan)

    assert set(item_of) == set(witness.accepted) | handed_over(rehearsal)
    for item in ITEMS:
        accepted = [name for name in in_first_acceptance(witness.accepted) if item_of[name] == item]
        assert accepted == [name for name in item_of if item_of[name] == item and name in accepted]


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(PLANS)
def test_deliveries_beyond_the_first_are_explained_by_a_failure_or_a_restart(plan: Plan) -> None:
    rehearsal, witness, _ = played(replace(plan, restarts=[]))

    seen: set[str] = set()
    failed: set[str] = set()
    for step in rehearsal.log.of(StepKind.DELIVERED):
        names = step.sequence_numbers
        assert seen.intersection(names) <= failed
        seen.update(names)
        done = witness.done(names) if step.detail["outcome"] in ("success", "partial") else 0
        failed.difference_update(names[:done])
        failed.update(names[done:])


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(PLANS)
def test_the_same_plan_gives_the_same_steps(plan: Plan) -> None:
    first, *_ = played(plan)
    second, *_ = played(plan)

    assert [_shape(step) for step in first.log.steps] == [_shape(step) for step in second.log.steps]


def _shape(step: Any) -> tuple[Any, ...]:
    return step.kind, step.shard_id, step.at, step.sequence_numbers
