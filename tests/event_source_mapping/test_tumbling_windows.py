"""TumblingWindowInSeconds: state from invocation to invocation, a final one at each window's end."""

import json
from typing import Any

import pytest

from event_source_mapping import Step, StepKind
from event_source_mapping.batching import PAYLOAD_LIMIT
from event_source_mapping.rehearsal import DATA_STREAM_ARN, Rehearsal, label, running
from event_source_mapping.tumbling import STATE_LIMIT, OpenWindow, state_in
from event_source_mapping.virtual_time import run

REQUEST = {"TumblingWindowInSeconds": 30, "BatchSize": 2}


def counting(event: dict[str, Any]) -> dict[str, Any]:
    return {"state": {"seen": event["state"].get("seen", "") + "".join(map(label, event["Records"]))}}


def finals(rehearsal: Rehearsal) -> list[Any]:
    return [event["state"] for event in rehearsal.function.events if event["isFinalInvokeForWindow"]]


async def written(rehearsal: Rehearsal, *groups: str) -> None:
    """Write each group's records at once, ten seconds apart."""
    for group in groups:
        for text in group:
            rehearsal.put(text)
        await rehearsal.clock.sleep(10)


def test_state_is_carried_through_a_window_and_ends_with_it() -> None:
    rehearsal = Rehearsal(REQUEST, counting, source_arn=DATA_STREAM_ARN)

    async def two_windows() -> None:
        async with running(rehearsal):
            await written(rehearsal, "abc", "d", "e", "f")
            await rehearsal.idle()

    run(two_windows())

    assert finals(rehearsal) == [{"seen": "abcde"}, {"seen": "f"}]


def test_the_event_of_a_window_tells_window_state_and_shard() -> None:
    rehearsal = Rehearsal(REQUEST, counting, source_arn=DATA_STREAM_ARN)
    rehearsal.put("a")

    rehearsal.play()

    first, final = rehearsal.function.events
    assert list(first) == [
        "Records",
        "window",
        "state",
        "shardId",
        "eventSourceARN",
        "isFinalInvokeForWindow",
        "isWindowTerminatedEarly",
    ]
    assert first["window"] == {"start": "2026-01-01T00:00:00Z", "end": "2026-01-01T00:00:30Z"}
    assert first["state"] == {}
    assert (final["Records"], final["state"], final["isFinalInvokeForWindow"]) == ([], {"seen": "a"}, True)


def test_a_batch_never_spans_two_windows() -> None:
    rehearsal = Rehearsal(REQUEST | {"BatchSize": 100}, counting, source_arn=DATA_STREAM_ARN)

    async def backlog() -> None:
        await written(rehearsal, "ab", "", "", "cd")
        await rehearsal.until_idle()

    run(backlog())

    assert rehearsal.delivered == [["a", "b"], [], ["c", "d"], []]


def test_a_response_without_state_fails_its_invocation() -> None:
    rehearsal = Rehearsal(REQUEST | {"MaximumRetryAttempts": 1}, lambda _: {}, source_arn=DATA_STREAM_ARN)
    rehearsal.put("a")

    rehearsal.play()

    outcomes = [step.detail["outcome"] for step in rehearsal.log.of(StepKind.DELIVERED)]
    assert outcomes == ["malformed", "malformed", "error", "error"]


def test_the_shard_waits_for_a_final_invocation_that_fails() -> None:
    refusals = iter([True, True, True])

    def handler(event: dict[str, Any]) -> dict[str, Any]:
        if event["isFinalInvokeForWindow"] and next(refusals, False):
            raise ValueError("not now")
        return counting(event)

    rehearsal = Rehearsal(REQUEST, handler, source_arn=DATA_STREAM_ARN)

    async def backlog() -> None:
        await written(rehearsal, "a", "", "", "b")
        await rehearsal.until_idle()

    run(backlog())

    assert rehearsal.delivered == [["a"], [], [], [], [], ["b"], []]
    assert finals(rehearsal) == [{"seen": "a"}] * 4 + [{"seen": "b"}]


def test_a_window_whose_final_invocation_is_given_up_is_told_to_the_observer() -> None:
    def handler(event: dict[str, Any]) -> dict[str, Any]:
        if event["isFinalInvokeForWindow"]:
            raise ValueError("never")
        return counting(event)

    rehearsal = Rehearsal(REQUEST | {"MaximumRetryAttempts": 1}, handler, source_arn=DATA_STREAM_ARN)
    rehearsal.put("a")

    rehearsal.play()

    (lost,) = rehearsal.log.of(StepKind.DISCARDED)
    assert lost.detail["window"]["state"] == {"seen": "a"}


def test_a_state_above_a_megabyte_ends_its_window_early() -> None:
    def handler(event: dict[str, Any]) -> dict[str, Any]:
        return {"state": {"text": "x" * STATE_LIMIT} if event["Records"] else {}}

    rehearsal = Rehearsal(REQUEST, handler, source_arn=DATA_STREAM_ARN)
    rehearsal.put("a")

    rehearsal.play()

    final = rehearsal.function.events[-1]
    assert (final["isFinalInvokeForWindow"], final["isWindowTerminatedEarly"]) == (True, True)
    assert rehearsal.delivered_at == [0.0, 0.0]


def test_the_end_of_a_shard_closes_its_window_and_children_start_with_fresh_state() -> None:
    rehearsal = Rehearsal(REQUEST, counting, source_arn=DATA_STREAM_ARN)
    rehearsal.put("a")
    rehearsal.store.split(rehearsal.store.listing()[0].shard_id)
    rehearsal.put("b")

    rehearsal.play()

    assert finals(rehearsal) == [{"seen": "a"}, {"seen": "b"}]


def test_a_restart_within_a_window_keeps_its_state() -> None:
    rehearsal = Rehearsal(REQUEST, counting, source_arn=DATA_STREAM_ARN)

    async def two_lives() -> None:
        async with running(rehearsal):
            await written(rehearsal, "a")
        rehearsal.new_mapping(json.loads(json.dumps(rehearsal.mapping.checkpoints())))
        async with running(rehearsal):
            await written(rehearsal, "b")
            await rehearsal.idle()
        closed: Any = next(iter(rehearsal.mapping.checkpoints()["shards"].values()))
        assert "window" not in closed

    run(two_lives())

    assert finals(rehearsal) == [{"seen": "ab"}]


def test_partial_responses_carry_state_for_what_they_settle() -> None:
    def handler(event: dict[str, Any]) -> dict[str, Any]:
        records = event["Records"]
        bad = next((index for index, record in enumerate(records) if label(record) == "b"), len(records))
        state = {"seen": event["state"].get("seen", "") + "".join(map(label, records[:bad]))}
        failures = [{"itemIdentifier": record["kinesis"]["sequenceNumber"]} for record in records[bad : bad + 1]]
        return {"state": state, "batchItemFailures": failures}

    request = REQUEST | {"FunctionResponseTypes": ["ReportBatchItemFailures"], "MaximumRetryAttempts": 1}
    rehearsal = Rehearsal(request, handler, source_arn=DATA_STREAM_ARN)
    for text in "abc":
        rehearsal.put(text)

    rehearsal.play()

    assert finals(rehearsal) == [{"seen": "ac"}]


@pytest.mark.parametrize("error", [None, ValueError("as scripted")], ids=["closed", "given up"])
def test_a_host_that_keeps_checkpoints_by_steps_keeps_no_window_that_is_over(error: Exception | None) -> None:
    def handler(event: dict[str, Any]) -> dict[str, Any]:
        if error is not None and event["isFinalInvokeForWindow"]:
            raise error
        return counting(event)

    rehearsal = Rehearsal(REQUEST | {"MaximumRetryAttempts": 0}, handler, source_arn=DATA_STREAM_ARN)
    rehearsal.put("a")
    kept: list[Any] = []

    class Keeper:
        def on(self, _: Step) -> None:
            kept.append(rehearsal.mapping.checkpoints())

    rehearsal.log = Keeper()  # type: ignore[assignment]
    rehearsal.new_mapping()
    rehearsal.play()

    assert kept[-1] == rehearsal.mapping.checkpoints()


def test_state_counts_towards_the_limit_of_an_event() -> None:
    rehearsal = Rehearsal(
        REQUEST | {"BatchSize": 100}, lambda _: {"state": {"text": "x" * 1_000_000}}, source_arn=DATA_STREAM_ARN
    )
    for _ in range(14):
        rehearsal.put("x" * 700_000)

    rehearsal.play()

    sizes = [len(json.dumps(event, separators=(",", ":"))) for event in rehearsal.events]
    assert max(sizes) <= PAYLOAD_LIMIT
    assert len(sizes) == 4


@pytest.mark.parametrize("response", [None, "text", {}, {"state": None}, {"state": "text"}])
def test_only_an_object_is_a_state(response: Any) -> None:
    assert state_in(response) is None


def test_windows_begin_at_multiples_of_their_length() -> None:
    window = OpenWindow.around(95.5, 30)

    assert (window.start, window.end) == (90, 120)
