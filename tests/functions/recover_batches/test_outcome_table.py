"""Every way in which a record, or the message about it, may end: its metric, its line in the log, and what is left."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from changestream.core.failed_batch import ParkReason
from changestream.recovery.recovery_telemetry import METRICS
from recovery_world import CONSUMER_SECONDS, World

Json = dict[str, Any]

LONG_AGO = "2026-01-01T00:00:00.000Z"
RECOVERED, IN_PART, PARKED = "batch recovered", "batch recovered in part", "parked"


@dataclass(frozen=True)
class Ending:
    """How ``outcome`` comes about, and by what it is known.

    ``left`` is what is left of the message: nothing, the message itself, or the rest of its range.
    """

    outcome: ParkReason | str
    arrange: Callable[[World], Json | str]
    metric: str
    lines: tuple[str, ...]
    has_payload: bool | None = None
    left: str = "nothing"
    seconds_left: float = 300


def of(*descriptions: str, **replaced: Any) -> Callable[[World], Json]:
    """A failed batch of tasks with these descriptions."""

    def arrange(world: World) -> Json:
        numbers = world.write(*descriptions)
        return world.failed(numbers[0], numbers[-1], batch_size=len(numbers), **replaced)

    return arrange


def trimmed(world: World) -> Json:
    (number,) = world.write("a")
    return world.failed(str(int(number) - 10), str(int(number) - 5))


def of_another_table(world: World) -> Json:
    (number,) = world.write("a")
    label = world.names["stream_arn"].rsplit("/", 1)[0] + "/2020-01-01T00:00:00.000"
    return world.failed(number, number, stream_arn=label)


def nearly_trimmed() -> str:
    return (datetime.now(UTC) - timedelta(hours=23)).isoformat(timespec="seconds").removesuffix("+00:00")


ENDINGS = (
    Ending("applied", of("a"), "Recovered", (RECOVERED,)),
    Ending("superseded", of("late"), "RecoveredSuperseded", (RECOVERED,)),
    Ending("left", of("a", "unavailable"), "LeftForLater", (IN_PART,), left="the rest"),
    Ending(
        "tried again", of("unavailable"), "NotRecovered", ("batch not recovered; the message comes back",), left="it"
    ),
    Ending(ParkReason.POISON, of("poison"), "ParkedPoison", (RECOVERED, PARKED), True),
    Ending(ParkReason.CRASH, of("crash"), "ParkedCrash", (IN_PART, PARKED), True),
    Ending(ParkReason.UNAVAILABLE, of("unavailable", timestamp=LONG_AGO), "ParkedUnavailable", (IN_PART, PARKED), True),
    Ending(ParkReason.EXPIRED, trimmed, "Expired", (IN_PART, PARKED), False),
    Ending(ParkReason.SHARD_GONE, of("a", shard_id="shardId-" + "0" * 20), "ShardGone", (IN_PART, PARKED), False),
    Ending(ParkReason.STREAM_GONE, of_another_table, "StreamGone", (IN_PART, PARKED), False),
    Ending(ParkReason.FUNCTION_GONE, of("a", function="nobody"), "FunctionGone", (IN_PART, PARKED), True),
    Ending(ParkReason.FUNCTION_REFUSED, of("a", function="stranger"), "FunctionRefused", (IN_PART, PARKED), True),
    Ending(ParkReason.OVER_LARGE, of("x" * 4000), "OverLarge", (IN_PART, PARKED), True),
    Ending(
        ParkReason.SECURED,
        lambda world: of("a", arrived=nearly_trimmed())(world),
        "SecuredUndelivered",
        (IN_PART, PARKED),
        True,
        seconds_left=CONSUMER_SECONDS,
    ),
    Ending(ParkReason.MALFORMED_MESSAGE, lambda _: "not JSON", "MalformedMessage", ("message parked",), False),
    Ending(
        ParkReason.OBJECT_GONE,
        lambda world: world.announced("gone"),
        "ObjectGone",
        ("message parked",),
        False,
    ),
)


@pytest.mark.parametrize("ending", ENDINGS, ids=lambda ending: ending.outcome)
def test_every_outcome_has_its_metric_its_line_and_its_end(
    world: World,
    ending: Ending,
    caplog: pytest.LogCaptureFixture,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("changestream.core.pieces.PAYLOAD_ROOM_BYTES", 3000)
    message = ending.arrange(world)

    came_back = world.recover(message, seconds_left=ending.seconds_left)

    assert metrics(capsys)[ending.metric] == 1
    assert set(ending.lines) <= {record.message for record in caplog.records}
    assert [(manifest["reason"], payload is not None) for manifest, payload in world.parked()] == (
        [] if ending.has_payload is None else [(ending.outcome, ending.has_payload)]
    )
    assert (len(came_back), ending.left == "the rest" and len(world.queued())) == (
        int(ending.left == "it"),
        ending.left == "the rest" and 1,
    )


def test_no_outcome_is_left_out_and_none_is_counted_as_another() -> None:
    told = {ending.outcome for ending in ENDINGS}
    names = [ending.metric for ending in ENDINGS]

    assert set(ParkReason) <= told
    assert len(set(names)) == len(names)
    assert {ending.outcome: ending.metric for ending in ENDINGS if ending.outcome in METRICS} == METRICS


def metrics(capsys: pytest.CaptureFixture[str]) -> dict[str, float]:
    """What the function published, added up by name."""
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines() if line.startswith('{"_aws"')]
    names = [metric["Name"] for line in lines for metric in line["_aws"]["CloudWatchMetrics"][0]["Metrics"]]
    return {name: sum(sum(line.get(name, [])) for line in lines) for name in names}
