"""Messages that no mapping sent: whoever may send to the queue gets at no function, no object and no flood by them."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from builders import object_created, queue_message, table_record, task
from functions.recover_batches import app
from invocations import Context, CountedCalls
from recovery_world import World

Json = dict[str, Any]
RECORDS = [table_record(n, task(f"task-{n}")) for n in (11, 13)]


def reasons(world: World) -> list[str]:
    """What the parked messages say is wrong with them."""
    return [manifest["message"] for manifest, payload in world.parked() if payload is None]


def sent(world: World, body: Json | str, seconds_left: float = 300) -> tuple[int, list[str]]:
    """Recover a message; return how many others were put on the queue for it, and which came back."""
    calls = CountedCalls(world.client_of("sqs"))
    response = app.lambda_handler({"Records": [queue_message(body)]}, Context(seconds_left))
    return calls.by_operation.get("SendMessage", 0), [one["itemIdentifier"] for one in response["batchItemFailures"]]


@pytest.mark.parametrize(("entry", "entries"), [(1, 200_000), ({"eventSource": "aws:s3"}, 100)], ids=str)
def test_a_message_of_many_entries_that_lead_nowhere_is_parked_once(world: World, entry: Any, entries: int) -> None:
    assert sent(world, {"Records": [entry] * entries}) == (0, [])

    assert len(reasons(world)) == 1


def test_a_notification_of_more_objects_than_are_divided_is_parked_as_it_is(world: World) -> None:
    body = object_created(world.names["failed_bucket"], *(world.key(str(n)) for n in range(101)))

    assert sent(world, body) == (0, [])

    assert reasons(world) == ["a notification of 101 objects; at most 100 are divided"]
    (document,) = world.documents()
    assert json.loads(document["body"]) == body


def test_of_a_notification_only_what_a_mapping_wrote_gets_a_message_and_the_rest_is_parked_once(world: World) -> None:
    body = world.announced("one", "two")
    for bucket, key in (("other", world.key()), (world.names["failed_bucket"], "notes.txt")):
        body["Records"] += object_created(bucket, key)["Records"]

    assert sent(world, body) == (2, [])

    (reason,) = reasons(world)
    assert reason.startswith("2 of the notification's 4 entries lead to no failed batch")


def test_an_object_that_is_announced_many_times_over_gets_one_message(world: World) -> None:
    assert sent(world, world.announced(*["one"] * 50)) == (1, [])


def test_a_notification_is_not_divided_without_time(world: World) -> None:
    assert sent(world, world.announced("one", "two"), seconds_left=app.SEND_SECONDS) == (0, ["message-1"])


def test_records_that_come_in_a_message_are_not_delivered(world: World) -> None:
    came_back = world.recover(world.failed_with_payload(RECORDS))

    assert (came_back, world.delivered()) == ([], [])
    (reason,) = reasons(world)
    assert "which Lambda only writes to a bucket" in reason


Change = Callable[[Json], object]


@pytest.mark.parametrize(
    "change",
    [
        lambda message: message["DDBStreamBatchInfo"].update(endSequenceNumber="9" * 500),
        lambda message: message["DDBStreamBatchInfo"].update(startSequenceNumber=-(10**400)),
        lambda message: message["DDBStreamBatchInfo"].update(shardId=".."),
        lambda message: message.update(DDBStreamBatchInfo=float("nan")),
        lambda message: message.update(timestamp=float("inf")),
    ],
)
def test_a_message_with_what_no_mapping_writes_is_parked_and_the_one_beside_it_recovered(
    world: World, change: Change
) -> None:
    numbers = world.write("a")
    forged = world.failed(numbers[0], numbers[0])
    change(forged)

    assert world.recover(forged, world.failed(numbers[0], numbers[0])) == []

    assert (len(reasons(world)), world.delivered()) == (1, [numbers])


def test_a_batch_with_a_count_of_thousands_of_digits_is_recovered_and_parked_like_any_other(world: World) -> None:
    (number,) = world.write("poison")
    message = world.failed(number, number)
    message["requestContext"]["approximateInvokeCount"] = message["DDBStreamBatchInfo"]["batchSize"] = int("9" * 4300)

    assert world.recover(message) == []

    assert world.reasons() == ["poison"]


@pytest.mark.parametrize("attributes", [{}, {"ApproximateReceiveCount": "-" + "9" * 400}, {"SentTimestamp": "9" * 400}])
def test_attributes_that_make_no_sense_hold_up_no_other_message(world: World, attributes: Json) -> None:
    numbers = world.write("a", "unavailable")
    bad = queue_message(world.failed(numbers[1], numbers[1]), "bad") | {"attributes": attributes}
    good = queue_message(world.failed(numbers[0], numbers[0]), "good")

    response = app.lambda_handler({"Records": [bad, good]}, Context(300))

    assert response == {"batchItemFailures": [{"itemIdentifier": "bad"}]}
    assert [numbers[0]] in world.delivered()


@pytest.mark.parametrize("number", ["NaN", "1e400"])
def test_a_payload_with_a_number_that_no_service_takes_is_refetched(world: World, number: str) -> None:
    numbers = world.write("a")
    kept = world.failed(numbers[0], numbers[0]) | {"payload": json.dumps({"Records": world.event_records()})}
    size = world.event_records()[0]["dynamodb"]["SizeBytes"]
    kept["payload"] = kept["payload"].replace(f'"SizeBytes": {size}', f'"SizeBytes": {number}')
    world.keep(kept)

    assert world.recover(world.announced()) == []

    assert (world.delivered(), world.parked()) == ([numbers], [])
