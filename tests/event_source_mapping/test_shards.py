"""Shards: lineage, starting positions, iterators that expire, trimming, reads that fail, restarts."""

import json
from typing import Any

import pytest

from event_source_mapping import (
    IteratorExpired,
    Pace,
    Position,
    RecordsTrimmed,
    Shard,
    ShardNotFound,
    SourceError,
    StepKind,
)
from event_source_mapping.rehearsal import DATA_STREAM_ARN, TABLE_STREAM_ARN, Rehearsal, label, running
from event_source_mapping.virtual_time import run
from unreliable import make_unreliable


def delivered(rehearsal: Rehearsal) -> list[str]:
    return [text for labels in rehearsal.delivered for text in labels]


def test_parents_are_finished_before_their_children_are_read() -> None:
    rehearsal = Rehearsal({"BatchSize": 2}, source_arn=DATA_STREAM_ARN, duration=1.0)
    for number in range(5):
        rehearsal.put(f"parent-{number}")
    (parent,) = rehearsal.store.listing()
    children = rehearsal.store.split(parent.shard_id)
    rehearsal.put("child")
    rehearsal.store.merge(*children)
    rehearsal.put("grandchild")

    rehearsal.play()

    assert delivered(rehearsal) == [*(f"parent-{number}" for number in range(5)), "child", "grandchild"]
    closed = [step.shard_id for step in rehearsal.log.of(StepKind.SHARD_CLOSED)]
    assert closed[0] == parent.shard_id
    assert set(closed[1:]) == set(children)


def test_a_poison_record_in_the_parent_holds_its_children_back() -> None:
    def handler(event: dict[str, Any]) -> None:
        if label(event["Records"][0]) == "bad":
            raise ValueError("bad")

    rehearsal = Rehearsal({"MaximumRetryAttempts": 4}, handler)
    rehearsal.put("bad")
    rehearsal.store.roll(rehearsal.store.listing()[0].shard_id)
    rehearsal.put("later")

    rehearsal.play()

    assert delivered(rehearsal) == ["bad"] * 5 + ["later"]


@pytest.mark.parametrize("source_arn", [TABLE_STREAM_ARN, DATA_STREAM_ARN])
def test_latest_leaves_out_what_was_there_and_reads_later_children_from_their_beginning(source_arn: str) -> None:
    rehearsal = Rehearsal({"StartingPosition": "LATEST"}, source_arn=source_arn)

    async def written_before_and_after() -> None:
        rehearsal.put("before")
        await rehearsal.clock.sleep(10)
        rehearsal.new_mapping()
        async with running(rehearsal):
            await rehearsal.idle()
            rehearsal.put("after")
            rehearsal.store.split(rehearsal.store.listing()[0].shard_id)
            rehearsal.put("in the child")
            await rehearsal.idle()

    run(written_before_and_after())

    assert delivered(rehearsal) == ["after", "in the child"]


def test_latest_is_kept_as_a_moment_so_that_a_restart_before_the_first_record_loses_nothing() -> None:
    rehearsal = Rehearsal({"StartingPosition": "LATEST"})

    async def restarted() -> None:
        rehearsal.put("before")
        await rehearsal.clock.sleep(10)
        rehearsal.new_mapping()
        await rehearsal.until_idle()
        rehearsal.put("between")
        rehearsal.new_mapping(json.loads(json.dumps(rehearsal.mapping.checkpoints())))
        await rehearsal.until_idle()

    run(restarted())

    assert delivered(rehearsal) == ["between"]


def test_at_timestamp_starts_at_the_moment() -> None:
    start = Rehearsal({}).clock.now()
    request = {"StartingPosition": "AT_TIMESTAMP", "StartingPositionTimestamp": start + 5}
    rehearsal = Rehearsal(request, source_arn=DATA_STREAM_ARN)

    async def written_over_time() -> None:
        for number in range(4):
            rehearsal.put(str(number))
            await rehearsal.clock.sleep(3)
        await rehearsal.until_idle()

    run(written_over_time())

    assert delivered(rehearsal) == ["2", "3"]


def test_an_expired_iterator_is_taken_anew_at_the_last_record_read() -> None:
    rehearsal = Rehearsal({"BatchSize": 1}, source_arn=DATA_STREAM_ARN, duration=400.0)
    for number in range(4):
        rehearsal.put(str(number))

    async def across_expiry() -> None:
        async with running(rehearsal):
            await rehearsal.clock.sleep(450)
            rehearsal.put("late")
            await rehearsal.idle()

    run(across_expiry())

    assert delivered(rehearsal) == ["0", "1", "2", "3", "late"]


def test_reads_that_fail_are_tried_again() -> None:
    rehearsal = Rehearsal({})
    error = SourceError("InternalServerError")
    make_unreliable(rehearsal.source, "read", iter([error, error, None, error]))
    rehearsal.put("a")

    rehearsal.play()

    assert delivered(rehearsal) == ["a"]


def test_listings_that_fail_are_tried_again() -> None:
    rehearsal = Rehearsal({})
    make_unreliable(rehearsal.source, "shards", iter([SourceError("LimitExceededException")] * 3))
    rehearsal.put("a")

    rehearsal.play()

    assert delivered(rehearsal) == ["a"]


@pytest.mark.parametrize("error", [ShardNotFound, IteratorExpired, RecordsTrimmed])
def test_a_shard_that_is_still_listed_is_read_on_whatever_error_its_reads_give(error: type[SourceError]) -> None:
    rehearsal = Rehearsal({"BatchSize": 1})
    make_unreliable(rehearsal.source, "read", iter([error("no")] * 6))
    rehearsal.put("a")

    rehearsal.play()

    assert delivered(rehearsal) == ["a"]
    assert rehearsal.log.of(StepKind.SHARD_CLOSED) == []


def test_a_shard_that_has_left_the_stream_is_over_and_its_children_are_read() -> None:
    rehearsal = Rehearsal({})
    source: Any = rehearsal.source
    parent = rehearsal.store.listing()[0].shard_id
    rehearsal.put("lost")
    rehearsal.store.roll(parent)
    rehearsal.put("kept")
    listing, iterator, listings = source.shards, source.iterator, iter([True])

    async def gone(shard_id: str, position: Position) -> str:
        if shard_id == parent:
            raise ShardNotFound(shard_id)
        found: str = await iterator(shard_id, position)
        return found

    async def without_parent_from_the_second_time() -> list[Shard]:
        listed: list[Shard] = await listing()
        return listed if next(listings, False) else [shard for shard in listed if shard.shard_id != parent]

    source.iterator, source.shards = gone, without_parent_from_the_second_time

    rehearsal.play()

    assert delivered(rehearsal) == ["kept"]


def test_beyond_the_trim_horizon_reading_goes_on_from_it() -> None:
    rehearsal = Rehearsal({})

    async def trimmed_while_stopped() -> None:
        rehearsal.put("a")
        await rehearsal.until_idle()
        for text in "bcd":
            rehearsal.put(text)
        rehearsal.store.trim(rehearsal.store.listing()[0].shard_id, 3)
        rehearsal.new_mapping(rehearsal.mapping.checkpoints())
        await rehearsal.until_idle()

    run(trimmed_while_stopped())

    assert delivered(rehearsal) == ["a", "d"]


def test_a_mapping_resumes_after_its_checkpoints_in_every_shard() -> None:
    rehearsal = Rehearsal({}, shards=4)

    async def two_lives() -> None:
        for number in range(20):
            rehearsal.put(f"first-{number}", item=str(number))
        await rehearsal.until_idle()
        for number in range(20):
            rehearsal.put(f"second-{number}", item=str(number))
        rehearsal.new_mapping(json.loads(json.dumps(rehearsal.mapping.checkpoints())))
        await rehearsal.until_idle()

    run(two_lives())

    assert len(delivered(rehearsal)) == len(set(delivered(rehearsal))) == 40


def test_shards_that_have_left_the_stream_leave_the_checkpoints() -> None:
    rehearsal = Rehearsal({}, pace=Pace(poll_interval=600.0, discovery_interval=3_600.0))

    async def over_two_days() -> None:
        rehearsal.put("a")
        rehearsal.store.roll(rehearsal.store.listing()[0].shard_id)
        async with running(rehearsal):
            await rehearsal.clock.sleep(2 * 86_400)

    run(over_two_days())

    assert delivered(rehearsal) == ["a"]
    assert len(rehearsal.mapping.checkpoints()["shards"]) == 1


def test_two_mappings_of_one_stream_each_deliver_every_record() -> None:
    first, second = Rehearsal({}), Rehearsal({})
    second.surroundings = first.surroundings
    second.source = first.source
    second.new_mapping()
    for text in "abc":
        first.put(text)

    first.play()
    second.play()

    assert first.delivered == second.delivered == [["a", "b", "c"]]
