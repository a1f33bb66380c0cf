"""Many objects at a time: in order for each item, beside another run, and whatever one of them is like."""

import json
import re
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from threading import Barrier, Event, Lock
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from builders import kinesis_record, sequence_number, table_record, task
from changestream.core.deadline import Deadline
from changestream.recovery import redrive
from changestream.recovery.parked_records import NoRoom, ParkedRecords, Room
from changestream.recovery.redrive import Redrive
from memory_recovery import LOT, SETTINGS, MemoryRecovery, in_memory
from mutations import fuzzed
from simulation.memory_aws import Call

Json = dict[str, Any]
PATIENCE_SECONDS = 20


@pytest.fixture(scope="module")
def memory() -> Iterator[MemoryRecovery]:
    with in_memory() as world:
        yield world


@pytest.fixture
def world(memory: MemoryRecovery) -> MemoryRecovery:
    memory.clear()
    memory.consume = lambda _: None
    memory.before_call = lambda _: None
    return memory


def change(n: int, item: str) -> Json:
    return table_record(n, task(item))


def some_earlier_than_others(operation: str, turns: Iterator[int] = count()) -> None:  # noqa: B008 - counts all calls
    """Have every third delivery wait, so that those behind it overtake it unless they wait for it."""
    if operation == "invoke" and next(turns) % 3 == 0:
        Event().wait(0.002)


def delivered(world: MemoryRecovery, item: str) -> list[int]:
    """The numbers of an item's changes in the order of their deliveries."""
    records = [record for records in world.deliveries for record in records]
    of_item = [one["dynamodb"] for one in records if one["dynamodb"]["Keys"]["taskId"]["S"] == item]
    return [int(one["SequenceNumber"]) for one in of_item]


def test_objects_of_different_items_are_delivered_at_the_same_time(world: MemoryRecovery) -> None:
    for n in range(redrive.DELIVERIES_AT_ONCE):
        world.park(change(n, f"task-{n}"))
    all_there = Barrier(redrive.DELIVERIES_AT_ONCE)

    def wait(_: list[Json]) -> None:
        all_there.wait(PATIENCE_SECONDS)

    world.consume = wait

    assert world.redrive()["applied"] == redrive.DELIVERIES_AT_ONCE


@pytest.mark.parametrize("aggregated", [False, True])
def test_no_more_objects_are_delivered_at_the_same_time_than_a_consumer_is_to_bear(
    world: MemoryRecovery, aggregated: bool
) -> None:
    at_once, lock, too_many = 0, Lock(), Event()
    most = 1 if aggregated else redrive.DELIVERIES_AT_ONCE

    def consume(_: list[Json]) -> None:
        nonlocal at_once
        with lock:
            at_once += 1
            if at_once > most:
                too_many.set()
        too_many.wait(0.02)
        with lock:
            at_once -= 1

    world.consume = consume
    for n in range(20):
        data = b"\xf3\x89\x9a\xc2" if aggregated else b"{}"
        record = kinesis_record(n, data)
        record["kinesis"]["partitionKey"] = f"key-{n}"
        world.park(record)

    report = world.redrive()

    assert report["applied"] == 20
    assert not too_many.is_set()


@fuzzed(15)
@given(
    items=st.lists(st.lists(st.sampled_from("abcdef"), min_size=1, max_size=3), min_size=1, max_size=50),
    first=st.sampled_from([0, 95]),
    shards=st.integers(1, 3),
)
def test_the_changes_of_an_item_are_delivered_in_their_order(
    memory: MemoryRecovery, items: list[list[str]], first: int, shards: int
) -> None:
    """Of two digits and of three: as text, 100 comes before 95."""
    memory.clear()
    memory.before_call = lambda call: some_earlier_than_others(call.operation)
    memory.consume = lambda _: None
    numbers = count(first)
    for place, of_object in enumerate(items):
        records = [change(next(numbers), item) for item in of_object]
        for record in records:
            number = int(record["dynamodb"]["SequenceNumber"]) - int(sequence_number(0))
            record["dynamodb"]["SequenceNumber"] = str(number)
        memory.park(*records, shard_id=f"shardId-{place * shards // len(items)}")

    report = memory.redrive()

    assert (report["applied"], report["unseen"], memory.listed()) == (next(numbers) - first, False, [])
    for item in "abcdef":
        assert delivered(memory, item) == sorted(delivered(memory, item))


def test_two_runs_at_the_same_time_deliver_every_object_once(world: MemoryRecovery) -> None:
    keys = [world.park(change(n, f"task-{n % 7}")) for n in range(60)]

    def run(keys: list[str]) -> int:
        records, functions = ParkedRecords(world.aws.client("s3"), LOT), world.aws.client("lambda")
        own = Redrive(records, functions, SETTINGS.consumers, SETTINGS.redrive_rounds, time.time, "one of two")
        return own.run(keys, Deadline(lambda: 300.0, 0.0), asked_for=True).applied

    with ThreadPoolExecutor(2) as threads:
        applied = list(threads.map(run, [keys, keys[::-1]]))

    assert sum(applied) == 60
    assert sorted(n for item in range(7) for n in delivered(world, f"task-{item}")) == [
        int(sequence_number(n)) for n in range(60)
    ]
    assert world.listed() == []


def test_an_object_that_is_parked_anew_while_others_are_delivered_stays(world: MemoryRecovery) -> None:
    anew = [world.park(change(n, f"task-{n}")) for n in range(20)][7]

    def park_anew(records: list[Json]) -> None:
        if records[0]["dynamodb"]["SequenceNumber"] == sequence_number(7):
            world.park(change(7, "task-7"), message="parked anew")

    world.consume = park_anew

    world.redrive()

    assert world.listed() == [anew]


def test_an_unexpected_error_of_one_object_is_raised_when_the_others_are_done(world: MemoryRecovery) -> None:
    for n in range(50):
        world.park(change(n, f"task-{n}"))

    def break_one(call: Call) -> None:
        if call.operation == "delete_object" and sequence_number(3) in call.parameters["Key"]:
            raise RuntimeError("nobody thought of it")

    world.before_call = break_one

    with pytest.raises(RuntimeError, match="nobody thought of it"):
        world.redrive()

    assert len(world.listed()) == 1
    assert len(world.deliveries) == 50


def test_objects_are_held_only_as_far_as_there_is_room_for_them(
    world: MemoryRecovery, monkeypatch: pytest.MonkeyPatch
) -> None:
    for n in range(12):
        world.park(change(n, "x" * (4000 if n % 3 == 0 else 100)))
    monkeypatch.setattr(redrive, "BYTES_AT_ONCE", 3000)

    report = world.redrive()

    assert (report["applied"], world.listed()) == (12, [])


def test_room_is_for_as_much_as_it_has_or_for_one_object_of_any_size() -> None:
    room, large = Room(100), Room(100)
    room.take(60)
    room.take(40)
    large.take(1000)

    for full in (room, large):
        with pytest.raises(NoRoom):
            full.take(1)


Change = Any


@pytest.mark.parametrize(
    "change_of",
    [
        lambda document: document["manifest"].update(redrive={"rounds": -(10**400)}),
        lambda document: document["manifest"].update(redrive={"rounds": int("9" * 4300)}),
        lambda document: document["manifest"].update(redrive={"rounds": True}),
        lambda document: document["manifest"].update(redrive={"rounds": 1.5}),
        lambda document: document["manifest"].update(redrive={"notBefore": 5}),
        lambda document: document["manifest"].update(redrive={"heldUntil": "soon"}),
        lambda document: document["manifest"].update(parkedAt={"a": 1}),
        lambda document: document["manifest"].update(attempts=float("nan")),
        lambda document: document["payload"]["Records"][0].update(size=float("inf")),
        lambda document: document["payload"]["Records"][0]["dynamodb"].update(SequenceNumber="9" * 500),
        lambda document: document["payload"].update(Records={"a": 1}),
        lambda document: document["payload"].update(Records=document["payload"]["Records"] * 2),
    ],
)
def test_an_object_with_what_recovery_never_wrote_is_reported_and_holds_up_no_other(
    world: MemoryRecovery, change_of: Change
) -> None:
    bad = world.park(change(1, "task-1"))
    world.park(change(2, "task-2"))
    (document, _) = world.documents()
    change_of(document)
    world.put(bad, document)

    report = world.redrive()

    assert (report["applied"], set(report["unreadable"]), world.listed()) == (1, {bad}, [bad])


@pytest.mark.parametrize(
    "key",
    [
        "parked/" + "x" * 1018,
        "parked/" + "x" * 900 + "/1-1.json",
        "parked/" + "é" * 520,
        "parked/\ud800",
        "parked/" + "9" * 5000,
    ],
    ids=range(5),
)
def test_a_key_that_recovery_never_writes_is_reported_and_holds_up_no_other(world: MemoryRecovery, key: str) -> None:
    good = world.park(change(2, "task-2"))

    report = world.redrive({"keys": [key, good]})

    assert (report["applied"], set(report["unreadable"])) == (1, {key})


def test_whatever_lies_under_parked_no_key_that_is_written_goes_beyond_what_s3_takes(world: MemoryRecovery) -> None:
    written: list[str] = []
    world.before_call = lambda call: written.append(call.parameters["Key"]) if call.operation == "put_object" else None
    world.park(*(change(n, f"task-{n}") for n in range(4)))
    (document,) = world.documents()
    world.consume = lambda records: {
        "batchItemFailures": [{"itemIdentifier": records[0]["dynamodb"]["SequenceNumber"]}],
        "failure": {"kind": "poison", "reason": "bad"},
    }
    for folder in ("parked/" + "x" * 740, "parked/" + "x" * 760, "parked//..//\x00"):
        world.put(f"{folder}/1.json", document)

    world.redrive()

    assert written
    assert all(len(key.encode()) <= 1024 and key.startswith("parked/") for key in written)
    assert all(re.search(r"/\d+(-\d+)?(\.\w+)?\.json$", key) for key in world.aws.s3().buckets[LOT].listing())


def test_a_run_over_nothing_is_over_at_once(world: MemoryRecovery) -> None:
    report = world.redrive({"keys": ["parked/gone"]})

    assert json.dumps(report)
    assert (report["applied"], report["unreadable"], report["kept"]) == (0, {}, {})
