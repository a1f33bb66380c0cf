"""Objects that stand in the way of a run: it tells of them, and goes on behind them."""

from collections.abc import Callable
from typing import Any

import pytest

from changestream.core.errors import TransientError
from changestream.recovery import parked_records
from functions.redrive_parked import app
from invocations import Context
from recovery_world import World

Json = dict[str, Any]

FIRST = "parked/a/2026/11/21/shard/1-1.json"


@pytest.fixture
def parked(world: World) -> World:
    """A world in which one record is parked that would be applied now, behind an object that somebody else wrote."""
    numbers = world.write("poison")
    world.recover(world.failed(numbers[0], numbers[0]))
    world.heal()
    world.client_of("s3").put_object(Bucket=world.names["bucket"], Key=FIRST, Body=b"x" * 4000)
    return world


def redrive() -> Json:
    report: Json = app.lambda_handler({"prefix": "parked/"}, Context(300))
    return report


@pytest.mark.parametrize(
    ("error", "status"), [("AccessDenied", 403), ("InvalidObjectState", 403), ("KMS.DisabledException", 400)]
)
def test_an_object_that_nobody_may_read_is_reported_and_left_alone(
    parked: World, refuse: Callable[..., None], error: str, status: int
) -> None:
    refuse(service="s3", operation="GetObject", resource=FIRST, error=error, status=status)

    report = redrive()

    assert report["applied"] == 1
    assert error in report["unreadable"][FIRST]


def test_an_object_that_is_larger_than_any_of_ours_is_not_read(parked: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parked_records, "LARGEST_BYTES", 3999)

    report = redrive()

    assert report["applied"] == 1
    assert "4000 B" in report["unreadable"][FIRST]


def test_an_object_that_is_refused_for_now_is_kept_and_those_behind_it_go(
    parked: World, refuse: Callable[..., None]
) -> None:
    refuse(service="s3", operation="GetObject", resource=FIRST, error="SlowDown", status=503)

    report = redrive()

    assert report["applied"] == 1
    assert "SlowDown" in report["kept"][FIRST]


def test_a_bucket_that_refuses_again_and_again_ends_the_run(parked: World, refuse: Callable[..., None]) -> None:
    for n in range(2, 5):
        parked.client_of("s3").put_object(Bucket=parked.names["bucket"], Key=f"{FIRST}.{n}", Body=b"")
    refuse(service="s3", operation="GetObject", error="SlowDown", status=503)

    with pytest.raises(TransientError, match="SlowDown"):
        redrive()
