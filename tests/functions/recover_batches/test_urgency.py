"""What is about to be trimmed comes first, and its payload before all else."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from changestream.aws import clients
from functions.recover_batches import app
from functions.redrive_parked import app as redrive_parked
from invocations import Context, CountedCalls, sample
from recovery_world import CONSUMER_SECONDS, World

Json = dict[str, Any]
Refuse = Callable[..., None]


def hours_ago(hours: float) -> str:
    return (datetime.now(UTC) - timedelta(hours=hours)).isoformat(timespec="seconds").removesuffix("+00:00")


def urgent(world: World, *descriptions: str, **replaced: Any) -> Json:
    """A failed batch of new tasks that arrived so long ago that their stream is about to trim them."""
    numbers = world.write(*descriptions)
    return world.failed(numbers[0], numbers[-1], batch_size=len(numbers), arrived=hours_ago(23), **replaced)


def published(capsys: pytest.CaptureFixture[str], name: str) -> list[float]:
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines() if line.startswith('{"_aws"')]
    return [value for line in lines for value in line.get(name, ())]


def test_what_is_about_to_be_trimmed_is_parked_before_anything_is_tried(world: World) -> None:
    order: list[str] = []
    for service in ("s3", "lambda"):
        for client in (world.client_of(service), clients.invoking_client(app.settings().consumers.seconds)):
            client.meta.events.register("before-call", lambda model, **_: order.append(model.name), unique_id="order")
    message = urgent(world, "a", "b")

    came_back = world.recover(message)

    assert came_back == []
    assert order.index("PutObject") < order.index("Invoke") < order.index("DeleteObject")
    assert len(world.delivered()) == 1
    assert world.parked() == []


def test_of_what_was_secured_only_what_still_fails_stays_and_says_why(world: World) -> None:
    message = urgent(world, "a", "poison", "c")

    world.recover(message)

    ((manifest, payload),) = world.parked()
    assert (manifest["reason"], manifest["message"], manifest["records"]) == ("poison", "it says poison", 1)
    assert payload
    assert payload["Records"][0]["dynamodb"]["NewImage"]["description"] == {"S": "poison"}


def test_a_recovery_that_ends_once_it_has_secured_a_batch_leaves_it_to_redrive_at_once(world: World) -> None:
    message = urgent(world, "a", "b")

    came_back = world.recover(message, seconds_left=CONSUMER_SECONDS)

    assert (came_back, world.reasons(), world.delivered()) == ([], ["secured"], [])
    report = redrive_parked.lambda_handler(sample("schedule-redrive.json"), Context(300))
    assert (report["applied"], world.parked()) == (2, [])


def test_what_is_urgent_and_refused_waits_in_the_parking_lot_and_not_in_the_stream(world: World) -> None:
    message = urgent(world, "a", "unavailable", "c")

    came_back = world.recover(message)

    assert came_back == []
    ((manifest, _),) = world.parked()
    assert (manifest["reason"], manifest["records"], manifest["redrive"]["rounds"]) == ("unavailable", 2, 1)


def test_what_cannot_be_secured_is_not_settled(world: World, refuse: Refuse) -> None:
    message = urgent(world, "a")
    refuse(service="s3", operation="PutObject", resource=world.names["bucket"], error="SlowDown", status=503)

    assert len(world.recover(message)) == 1


def test_what_a_stream_no_longer_has_to_keep_is_recovered_while_it_does(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    (number,) = world.write("a")

    world.recover(world.failed(number, number, arrived=hours_ago(25)))

    assert world.delivered() == [[number]]
    (hours,) = published(capsys, "HoursBeforeTrim")
    assert -1.1 < hours < -0.9


def test_of_several_messages_the_nearest_to_trim_goes_first_and_is_what_is_published(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    numbers = world.write("a", "b", "c")
    ages = (1, 17, 9)
    messages = [world.failed(n, n, arrived=hours_ago(age)) for n, age in zip(numbers, ages, strict=True)]

    world.recover(*messages, "not JSON")

    assert world.delivered() == [[numbers[1]], [numbers[2]], [numbers[0]]]
    (hours,) = published(capsys, "HoursBeforeTrim")
    assert 6.9 < hours < 7.1


@pytest.mark.parametrize("arrived", ["", "yesterday", "0001-01-01T00:00:00"])
def test_a_message_that_does_not_say_when_its_records_came_is_recovered_all_the_same(
    world: World, arrived: str
) -> None:
    (number,) = world.write("a")

    assert world.recover(world.failed(number, number, arrived=arrived)) == []

    assert world.delivered() == [[number]]


def kinesis_message(world: World, retention_hours: int, hours_old: float) -> Json:
    client, name = world.client_of("kinesis"), f"changes-{uuid4().hex[:12]}"
    client.create_stream(StreamName=name, ShardCount=1)
    if retention_hours > 24:
        client.increase_stream_retention_period(StreamName=name, RetentionPeriodHours=retention_hours)
    arn = client.describe_stream_summary(StreamName=name)["StreamDescriptionSummary"]["StreamARN"]
    number = client.put_record(StreamName=name, Data=b"{}", PartitionKey="k")["SequenceNumber"]
    place = {"info": "KinesisBatchInfo", "stream_arn": arn, "shard_id": "shardId-000000000000"}
    return world.failed(number, number, arrived=hours_ago(hours_old), **place)


def test_how_long_a_kinesis_stream_keeps_its_records_is_asked_once(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    message = kinesis_message(world, retention_hours=72, hours_old=23)
    calls = CountedCalls(world.client_of("kinesis"))

    world.recover(message)
    world.recover(message)

    assert all(48.9 < hours < 49.1 for hours in published(capsys, "HoursBeforeTrim"))
    assert calls.by_operation["DescribeStreamSummary"] == 1
    assert world.parked() == []


def test_where_nobody_says_how_long_a_stream_keeps_its_records_it_is_the_least(world: World, refuse: Refuse) -> None:
    message = kinesis_message(world, retention_hours=72, hours_old=23)
    refuse(service="kinesis", operation="DescribeStreamSummary", resource=None, error="LimitExceededException")

    came_back = world.recover(message, seconds_left=CONSUMER_SECONDS)

    assert (came_back, world.reasons()) == ([], ["secured"])


def test_what_is_urgent_does_not_wait_for_the_role_of_its_function(world: World, refuse: Refuse) -> None:
    message = kinesis_message(world, retention_hours=24, hours_old=23)
    refuse(service="lambda", operation="GetFunctionConfiguration", resource=None, error="TooManyRequestsException")

    came_back = world.recover(message)

    assert (came_back, len(world.delivered()), world.parked()) == ([], 1, [])
