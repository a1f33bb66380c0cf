"""State and settings over a mapping's life: enabled, disabled, updated while running."""

from dataclasses import replace
from typing import Any

import pytest

from event_source_mapping import StepKind
from event_source_mapping.rehearsal import QUEUE_ARN, TABLE_STREAM_ARN, Rehearsal, running
from event_source_mapping.virtual_time import run


def test_a_mapping_reports_its_state_and_last_result() -> None:
    outcomes = iter([ValueError("bad"), None])

    def handler(_: dict[str, Any]) -> None:
        error = next(outcomes)
        if error:
            raise error

    rehearsal = Rehearsal({}, handler)
    seen = [(rehearsal.mapping.state, rehearsal.mapping.last_processing_result)]

    async def watched() -> None:
        rehearsal.put("a")
        async with running(rehearsal):
            await rehearsal.clock.sleep(0.1)
            seen.append((rehearsal.mapping.state, rehearsal.mapping.last_processing_result))
            await rehearsal.idle()
            seen.append((rehearsal.mapping.state, rehearsal.mapping.last_processing_result))

    run(watched())

    assert seen == [
        ("Creating", "No records processed"),
        ("Enabled", "PROBLEM: Function call failed"),
        ("Enabled", "OK"),
    ]


def test_a_disabled_mapping_keeps_its_place_and_resumes_there() -> None:
    rehearsal = Rehearsal({"BatchSize": 1})
    settings = rehearsal.mapping.settings

    async def disabled_for_a_while() -> None:
        async with running(rehearsal):
            rehearsal.put("a")
            await rehearsal.idle()
            rehearsal.mapping.update(replace(settings, enabled=False))
            assert rehearsal.mapping.state == "Disabling"
            await rehearsal.clock.sleep(60)
            assert rehearsal.mapping.state == "Disabled"
            rehearsal.put("b")
            await rehearsal.clock.sleep(60)
            assert rehearsal.delivered == [["a"]]
            rehearsal.mapping.update(settings)
            await rehearsal.idle()

    run(disabled_for_a_while())

    assert rehearsal.delivered == [["a"], ["b"]]


def test_an_update_awaits_the_invocation_under_way_and_delivers_nothing_twice() -> None:
    rehearsal = Rehearsal({"BatchSize": 2}, duration=10.0)
    for text in "abcde":
        rehearsal.put(text)

    async def updated_in_flight() -> None:
        async with running(rehearsal):
            await rehearsal.clock.sleep(5)
            rehearsal.mapping.update(replace(rehearsal.mapping.settings, batch_size=3))
            assert rehearsal.mapping.state == "Updating"
            await rehearsal.idle()

    run(updated_in_flight())

    assert rehearsal.delivered == [["a", "b"], ["c", "d", "e"]]


def test_an_update_ends_a_retry_that_would_go_on_for_ever() -> None:
    def handler(_: dict[str, Any]) -> None:
        raise ValueError("never")

    rehearsal = Rehearsal({}, handler)
    rehearsal.put("a")

    async def given_up_by_update() -> None:
        async with running(rehearsal):
            await rehearsal.clock.sleep(1_000)
            rehearsal.mapping.update(replace(rehearsal.mapping.settings, maximum_retry_attempts=0))
            await rehearsal.idle()

    run(given_up_by_update())

    assert len(rehearsal.log.of(StepKind.DISCARDED)) == 1


@pytest.mark.parametrize("source_arn", [TABLE_STREAM_ARN, QUEUE_ARN])
def test_a_mapping_created_disabled_polls_nothing_until_enabled(source_arn: str) -> None:
    rehearsal = Rehearsal({"Enabled": False}, source_arn=source_arn)
    rehearsal.put("a")

    async def enabled_later() -> None:
        async with running(rehearsal):
            await rehearsal.clock.sleep(30)
            assert rehearsal.delivered == []
            rehearsal.mapping.update(replace(rehearsal.mapping.settings, enabled=True))
            await rehearsal.idle()

    run(enabled_later())

    assert rehearsal.delivered == [["a"]]
