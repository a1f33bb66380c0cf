"""Errors that no port may raise: the shard that meets one begins again, the others do not notice."""

from typing import Any

import pytest

from event_source_mapping import Page, StepKind
from event_source_mapping.rehearsal import DATA_STREAM_ARN, Rehearsal, running
from event_source_mapping.virtual_time import run

BATCHES_OF_TWO = {"BatchSize": 2}


def failing(rehearsal: Rehearsal, call: str, times: int, shard_id: str = "") -> None:
    """Have a call of the source, or those for one shard, raise what no source may."""
    source: Any = rehearsal.source
    sound, faults = getattr(source, call), iter(range(times))

    async def faulty(*args: Any) -> Any:
        if str(args[:1]).find(shard_id) >= 0 and next(faults, None) is not None:
            raise KeyError("ShardIterator")
        return await sound(*args)

    setattr(source, call, faulty)


def written_to_two_shards() -> tuple[Rehearsal, str]:
    """Ten records in each of two shards, and the second shard."""
    rehearsal = Rehearsal(BATCHES_OF_TWO, source_arn=DATA_STREAM_ARN, shards=2, duration=1.0)
    first, second = rehearsal.store.listing()
    for number in range(10):
        for shard in (first, second):
            rehearsal.data_stream.put("item", f"{shard.shard_id}-{number}".encode(), shard.first_hash)
    return rehearsal, second.shard_id


def for_seconds(rehearsal: Rehearsal, seconds: float) -> list[str]:
    """What the mapping is seen to report, second by second."""

    async def life() -> list[str]:
        seen = []
        async with running(rehearsal):
            for _ in range(int(seconds)):
                await rehearsal.clock.sleep(1.0)
                seen.append(rehearsal.mapping.last_processing_result)
        return seen

    return run(life())


def test_a_fault_of_one_shard_leaves_the_deliveries_of_another_alone() -> None:
    rehearsal, faulty = written_to_two_shards()
    failing(rehearsal, "read", 3, faulty)

    for_seconds(rehearsal, 60)

    delivered = [text for labels in rehearsal.delivered for text in labels]
    assert len(delivered) == len(set(delivered)) == 20
    assert [step.shard_id for step in rehearsal.log.of(StepKind.SHARD_FAILED)] == [faulty] * 3


def test_a_shard_that_meets_a_fault_goes_on_from_its_checkpoint() -> None:
    rehearsal = Rehearsal(BATCHES_OF_TWO, source_arn=DATA_STREAM_ARN)
    rehearsal.put("a")
    for_seconds(rehearsal, 5)
    failing(rehearsal, "read", 1)
    rehearsal.put("b")
    rehearsal.new_mapping(rehearsal.mapping.checkpoints())

    for_seconds(rehearsal, 5)

    assert rehearsal.delivered == [["a"], ["b"]]


def test_a_fault_is_followed_by_longer_and_longer_pauses_until_the_shard_works_again() -> None:
    rehearsal = Rehearsal(BATCHES_OF_TWO, source_arn=DATA_STREAM_ARN)
    failing(rehearsal, "read", 4)
    rehearsal.put("a")

    for_seconds(rehearsal, 30)

    assert [step.detail["seconds"] for step in rehearsal.log.of(StepKind.SHARD_FAILED)] == [0.5, 1.0, 2.0, 4.0]
    assert rehearsal.delivered == [["a"]]


def test_the_last_processing_result_tells_of_a_fault_until_records_are_processed() -> None:
    rehearsal = Rehearsal(BATCHES_OF_TWO, source_arn=DATA_STREAM_ARN)
    failing(rehearsal, "read", 2)
    rehearsal.put("a")

    seen = for_seconds(rehearsal, 5)

    assert (seen[0], seen[-1]) == ("PROBLEM: KeyError: 'ShardIterator'", "OK")


def test_a_fault_while_delivering_brings_back_what_was_not_done_and_nothing_else() -> None:
    rehearsal = Rehearsal(BATCHES_OF_TWO, source_arn=DATA_STREAM_ARN)
    function: Any = rehearsal.function
    invoke, faults = function.invoke, iter([False, True])

    async def faulty(event: dict[str, Any]) -> Any:
        if next(faults, False):
            raise ConnectionAbortedError("of the host")
        return await invoke(event)

    function.invoke = faulty
    for text in "abcd":
        rehearsal.put(text)

    for_seconds(rehearsal, 10)

    assert rehearsal.delivered == [["a", "b"], ["c", "d"]]


def test_listings_that_meet_a_fault_are_tried_again() -> None:
    rehearsal = Rehearsal(BATCHES_OF_TWO)
    failing(rehearsal, "shards", 2)
    rehearsal.put("a")

    for_seconds(rehearsal, 20)

    assert rehearsal.delivered == [["a"]]


def test_a_mapping_is_stopped_while_a_shard_waits_after_a_fault() -> None:
    rehearsal = Rehearsal(BATCHES_OF_TWO)
    failing(rehearsal, "read", 1_000)

    async def stopped() -> str:
        async with running(rehearsal):
            await rehearsal.clock.sleep(200)
            rehearsal.mapping.update(rehearsal.mapping.settings.updated_by({"Enabled": False}))
            await rehearsal.clock.sleep(0.1)
            return rehearsal.mapping.state

    assert run(stopped()) == "Disabled"


def test_a_rehearsal_raises_what_its_mapping_has_met() -> None:
    rehearsal = Rehearsal(BATCHES_OF_TWO)
    failing(rehearsal, "read", 1_000)

    with pytest.raises(ExceptionGroup) as raised:
        rehearsal.play()

    assert raised.group_contains(KeyError)


def test_a_window_stays_open_over_a_fault() -> None:
    rehearsal = Rehearsal(
        {"TumblingWindowInSeconds": 30},
        lambda event: {"state": {"seen": event["state"].get("seen", 0) + len(event["Records"])}},
        source_arn=DATA_STREAM_ARN,
    )

    async def life() -> None:
        async with running(rehearsal):
            rehearsal.put("a")
            await rehearsal.clock.sleep(5)
            failing(rehearsal, "read", 1)
            await rehearsal.clock.sleep(5)
            rehearsal.put("b")
            await rehearsal.clock.sleep(60)

    run(life())

    assert [event["state"] for event in rehearsal.events] == [{}, {"seen": 1}, {"seen": 2}]


def test_pages_without_records_are_read_with_pauses_and_hold_nothing_back() -> None:
    rehearsal = Rehearsal({}, source_arn=DATA_STREAM_ARN)
    source: Any = rehearsal.source
    read, reads = source.read, []

    async def nothing_more(iterator: str, limit: int) -> Page:
        reads.append(rehearsal.clock.now())
        return await read(iterator, limit) if len(reads) == 1 else Page([], iterator, more=True)

    source.read = nothing_more
    rehearsal.put("a")

    for_seconds(rehearsal, 10)

    assert len(reads) < 60
    assert rehearsal.delivered == [["a"]]
