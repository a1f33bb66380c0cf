import pytest

from recovery_world import World


def test_the_records_of_the_range_and_no_others_reach_the_function(world: World) -> None:
    numbers = world.write("a", "b", "c", "d", "e")

    came_back = world.recover(world.failed(numbers[1], numbers[3], batch_size=3))

    assert came_back == []
    assert world.delivered() == [numbers[1:4]]
    assert world.parked() == []


def test_poison_is_parked_with_its_payload_and_the_reason_that_the_function_gave(world: World) -> None:
    numbers = world.write("a", "poison", "c")

    came_back = world.recover(world.failed(numbers[0], numbers[2], batch_size=3))

    assert came_back == []
    assert world.delivered() == [numbers, numbers[2:]]
    ((manifest, payload),) = world.parked()
    assert (manifest["reason"], manifest["message"]) == ("poison", "it says poison")
    assert payload == {"Records": [world.deliveries()[0]["Records"][1]]}


def test_a_record_that_crashes_the_function_is_parked_and_its_neighbours_are_delivered(world: World) -> None:
    numbers = world.write("a", "crash", "c")

    assert world.recover(world.failed(numbers[0], numbers[2], batch_size=3)) == []

    assert [numbers[0]] in world.delivered()
    assert [numbers[2]] in world.delivered()
    ((manifest, _),) = world.parked()
    assert (manifest["reason"], manifest["message"]) == ("crash", "RuntimeError: cannot bear it")


def test_recovering_a_batch_again_parks_nothing_twice(world: World) -> None:
    numbers = world.write("poison")
    message = world.failed(numbers[0], numbers[0])

    world.recover(message)
    world.recover(message, message)

    assert world.reasons() == ["poison"]


def errors(caplog: pytest.LogCaptureFixture) -> list[tuple[str, str]]:
    """The errors in the log, each as (message, reason)."""
    found = [record for record in caplog.records if record.levelname == "ERROR"]
    return [(one.message, str(getattr(one, "reason", ""))) for one in found]


def test_messages_that_nobody_understands_are_parked_and_those_beside_them_go_through(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    numbers = world.write("a")

    came_back = world.recover("not JSON", world.failed(numbers[0], numbers[0]), {"Records": []})

    assert came_back == []
    assert world.delivered() == [numbers]
    assert world.reasons() == ["malformed_message"] * 2
    assert [message for message, _ in errors(caplog)] == ["message parked"] * 2
    assert any("not JSON" in reason for _, reason in errors(caplog))


def test_an_unknown_function_leaves_the_payload_parked(world: World) -> None:
    numbers = world.write("a", "b")

    assert world.recover(world.failed(numbers[0], numbers[1], function="nobody")) == []

    ((manifest, payload),) = world.parked()
    assert (manifest["reason"], manifest["records"]) == ("function_gone", 2)
    assert payload
    assert len(payload["Records"]) == 2
    assert "nobody" in manifest["message"]


@pytest.mark.parametrize(
    ("gone", "reason"),
    [
        ({"shard_id": "shardId-00000000000000000000-00000000"}, "shard_gone"),
        ({"shard_id": "none"}, "shard_gone"),
        ({"stream_arn": "?"}, "stream_gone"),
    ],
)
def test_a_stream_or_shard_that_is_gone_is_parked_with_all_that_is_known(
    world: World, gone: dict[str, str], reason: str
) -> None:
    (number,) = world.write("a")
    if "stream_arn" in gone:
        gone = {"stream_arn": world.names["stream_arn"].rsplit("/", 1)[0] + "/2020-01-01T00:00:00.000"}

    assert world.recover(world.failed(number, number, **gone)) == []

    ((manifest, payload),) = world.parked()
    assert (manifest["reason"], manifest["startSequenceNumber"], payload) == (reason, number, None)


def test_records_that_are_no_longer_in_the_stream_are_parked_as_expired(world: World) -> None:
    numbers = world.write("a", "b")
    before_all = str(int(numbers[0]) - 10)

    assert world.recover(world.failed(before_all, numbers[1])) == []

    ((manifest, payload),) = world.parked()
    assert (manifest["reason"], payload) == ("expired", None)
    assert world.delivered() == [numbers]
