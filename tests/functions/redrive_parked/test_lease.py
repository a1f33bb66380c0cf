"""How long a run of redrive holds an object: until Lambda has ended the run for certain, and not much longer."""

import time
from typing import Any

import pytest

from changestream.recovery.parked_records import ParkedRecords
from functions.redrive_parked import app
from invocations import Context
from recovery_world import World

EVERYTHING = {"prefix": "parked/"}


@pytest.fixture
def poisoned(world: World) -> World:
    """A world in which a record is parked."""
    (number,) = world.write("poison")
    world.recover(world.failed(number, number))
    return world


def redrive(*, after_seconds: float = 0, seconds_left: float = 300) -> dict[str, Any]:
    """Invoke the function as if so much time had passed."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("functions.redrive_parked.app.time", lambda: time.time() + after_seconds)
        report: dict[str, Any] = app.lambda_handler(EVERYTHING, Context(seconds_left))
        return report


def killed(records: ParkedRecords, stored: Any) -> bool:
    raise RuntimeError("killed")


@pytest.mark.parametrize("time_out", [300, 900, 1800])
def test_a_lease_ends_soon_after_the_time_out_of_the_run_that_died(
    poisoned: World, monkeypatch: pytest.MonkeyPatch, time_out: int
) -> None:
    poisoned.heal()
    with monkeypatch.context() as patch:
        patch.setattr(ParkedRecords, "remove", killed)
        with pytest.raises(RuntimeError):
            redrive(seconds_left=time_out)

    before = redrive(after_seconds=time_out)
    after = redrive(after_seconds=time_out + 120)

    assert (before["applied"], before["standings"]["held"]) == (0, 1)
    assert after["applied"] == 1
