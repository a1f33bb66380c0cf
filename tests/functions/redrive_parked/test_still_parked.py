"""How much is parked, as a scheduled run leaves it: what tells an operator that nothing is any more."""

import json
import time
from typing import Any

import pytest

from functions.redrive_parked import app
from invocations import Context, sample
from recovery_world import World

SCHEDULED = sample("schedule-redrive.json")


def still_parked(event: dict[str, Any], capsys: pytest.CaptureFixture[str]) -> list[float]:
    """What a run publishes of it."""
    capsys.readouterr()
    app.lambda_handler(event, Context(300))
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines() if line.startswith('{"_aws"')]
    return [value for line in lines for value in line.get("StillParked", ())]


def park(world: World, *descriptions: str) -> None:
    """Have records parked, one object each, that are due at once."""
    for number in world.write(*descriptions):
        world.recover(world.failed(number, number))
    world.client_of("s3").put_object(Bucket=world.names["bucket"], Key="parked/z/foreign.txt", Body=b"hello")


def test_what_rests_and_what_nobody_can_read_is_still_parked(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    park(world, "poison", "crash")

    assert still_parked(SCHEDULED, capsys) == [3]


def test_what_was_delivered_is_parked_no_more(
    world: World, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    park(world, "poison", "poison")
    world.heal()
    due = time.time() + 3600
    monkeypatch.setattr("functions.redrive_parked.app.time", lambda: due)

    assert still_parked(SCHEDULED, capsys) == [1]


def test_a_run_that_somebody_asked_for_sees_a_part_and_says_nothing_of_the_whole(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    park(world, "poison")

    assert still_parked({"keys": ["parked/z/foreign.txt"]}, capsys) == []
