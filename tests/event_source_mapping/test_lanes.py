"""ParallelizationFactor: lanes run at once, items keep their order, the checkpoint leaves no gap."""

import asyncio
import json
import sys
from typing import Any

import pytest

from event_source_mapping import StepKind
from event_source_mapping.lanes import LaneLedger, lane_of
from event_source_mapping.rehearsal import DATA_STREAM_ARN, TABLE_STREAM_ARN, Rehearsal, label
from event_source_mapping.virtual_time import run

ITEMS = [f"item-{number}" for number in range(12)]


@pytest.mark.parametrize("source_arn", [TABLE_STREAM_ARN, DATA_STREAM_ARN])
def test_lanes_deliver_at_the_same_time(source_arn: str) -> None:
    rehearsal = Rehearsal({"ParallelizationFactor": 4, "BatchSize": 1}, source_arn=source_arn, duration=1.0)
    for item in ITEMS:
        rehearsal.put(item, item=item)

    rehearsal.play()

    assert rehearsal.function.most_running == 4
    assert sorted(text for labels in rehearsal.delivered for text in labels) == sorted(ITEMS)


def test_changes_of_one_item_never_overtake_each_other() -> None:
    def handler(event: dict[str, Any]) -> None:
        if len(event["Records"]) > 2:
            raise ValueError("too many at once")

    request = {"ParallelizationFactor": 10, "BatchSize": 7, "BisectBatchOnFunctionError": True}
    rehearsal = Rehearsal(request, handler, duration=0.3)
    for number in range(60):
        rehearsal.put(f"{ITEMS[number % 12]}:{number:03d}", item=ITEMS[number % 12])

    rehearsal.play()

    succeeded = [text for labels in rehearsal.delivered if len(labels) <= 2 for text in labels]
    for item in ITEMS:
        of_item = [text for text in succeeded if text.startswith(f"{item}:")]
        assert of_item == sorted(of_item)
        assert len(of_item) == 5


def test_a_failing_lane_holds_back_the_checkpoint_but_not_the_other_lanes() -> None:
    bad, good = ITEMS[0], next(item for item in ITEMS if lane_of(_key(item), 2) != lane_of(_key(ITEMS[0]), 2))
    rehearsal = Rehearsal({"ParallelizationFactor": 2}, lambda event: _fail_on(event, "bad"))
    first = rehearsal.put("before", item=good)
    rehearsal.put("bad", item=bad)
    rehearsal.put("good", item=good)

    async def for_a_while() -> None:
        task = rehearsal.mapping.run()
        await _for_seconds(rehearsal, task, 20)

    run(for_a_while())

    assert ["before", "good"] in rehearsal.delivered
    ((_, position),) = rehearsal.mapping.checkpoints()["shards"].items()
    assert position == {"type": "AFTER_SEQUENCE_NUMBER", "sequenceNumber": first}


def test_a_restart_from_the_checkpoint_delivers_what_was_behind_the_gap_again() -> None:
    broken = [True]
    bad, good = ITEMS[0], next(item for item in ITEMS if lane_of(_key(item), 2) != lane_of(_key(ITEMS[0]), 2))
    rehearsal = Rehearsal({"ParallelizationFactor": 2}, lambda event: _fail_on(event, "bad") if broken[0] else None)
    rehearsal.put("bad", item=bad)
    rehearsal.put("good", item=good)

    async def two_lives() -> None:
        await _for_seconds(rehearsal, rehearsal.mapping.run(), 3)
        broken[0] = False
        stored = json.loads(json.dumps(rehearsal.mapping.checkpoints()))
        rehearsal.function.events.clear()
        rehearsal.new_mapping(stored)
        await rehearsal.until_idle()

    run(two_lives())

    assert sorted(rehearsal.delivered) == [["bad"], ["good"]]


def test_the_reader_does_not_run_ahead_of_a_blocked_lane_without_bound() -> None:
    rehearsal = Rehearsal({"ParallelizationFactor": 2, "BatchSize": 1}, lambda event: _fail_on(event, "bad"))
    rehearsal.put("bad", item=ITEMS[0])
    for number in range(5_000):
        rehearsal.put(str(number), item=ITEMS[number % 11 + 1])

    run(_for_seconds(rehearsal, rehearsal.mapping.run(), 20))

    delivered = {text for labels in rehearsal.delivered for text in labels}
    assert len(delivered) < 2_500


def test_the_frontier_passes_only_records_settled_without_a_gap() -> None:
    ledger = LaneLedger(2)
    names = [f"k{number}" for number in range(6)]
    records = [{"name": name} for name in names]
    ledger.enter(records, lambda record: str(record["name"]), lambda record: str(record["name"]), None)
    first = ledger.lanes[lane_of("k0", 2)]
    other = ledger.lanes[1 - lane_of("k0", 2)]

    ledger.settle(other, other.unsettled)
    held = ledger.advance()
    ledger.settle(first, first.unsettled)
    reached = ledger.advance()

    assert held is None
    assert reached == "k5"


@pytest.mark.parametrize("lanes", [1, 10])
def test_the_work_for_a_record_does_not_grow_with_their_number(lanes: int) -> None:
    few, many = _calls_per_record(lanes, 2_000), _calls_per_record(lanes, 20_000)

    assert many <= few * 1.05


def test_each_checkpoint_is_noted_once_and_only_forward() -> None:
    rehearsal = Rehearsal({"ParallelizationFactor": 5, "BatchSize": 2}, duration=0.1)
    for number in range(40):
        rehearsal.put(str(number), item=ITEMS[number % 12])

    rehearsal.play()

    numbers = [int(step.detail["checkpoint"]) for step in rehearsal.log.of(StepKind.CHECKPOINTED)]
    assert numbers == sorted(set(numbers))


def _calls_per_record(lanes: int, records: int) -> float:
    """Python calls that delivering so many records takes: time, without the noise of the machine."""
    calls = 0

    def count(_frame: Any, kind: str, _argument: Any) -> None:
        nonlocal calls
        calls += kind == "call"

    rehearsal = Rehearsal({"ParallelizationFactor": lanes, "BatchSize": 100}, source_arn=DATA_STREAM_ARN)
    for number in range(records):
        rehearsal.put("x", item=str(number % 97))
    sys.setprofile(count)
    try:
        rehearsal.play()
    finally:
        sys.setprofile(None)
    return calls / records


def _key(item: str) -> str:
    return json.dumps({"id": {"S": item}}, sort_keys=True)


def _fail_on(event: dict[str, Any], text: str) -> None:
    if any(label(record) == text for record in event["Records"]):
        raise ValueError(text)


async def _for_seconds(rehearsal: Rehearsal, running: Any, seconds: float) -> None:
    task = asyncio.ensure_future(running)
    await rehearsal.clock.sleep(seconds)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
