import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from builders import (
    TEST_EVENT,
    bridged_creation,
    notification,
    object_created,
    queue_message,
    sequence_number,
    table_record,
    task,
)
from functions.recover_batches import app
from invocations import Context
from recovery_world import World, eventually

Json = dict[str, Any]
NEVER_IN_THE_STREAM = [table_record(n, task(f"task-{n}")) for n in (11, 13)]
SPELLED = [sequence_number(n) for n in (11, 13)]


def test_a_message_that_came_by_a_topic_is_recovered(world: World) -> None:
    numbers = world.write("a", "b")

    came_back = world.recover(notification(json.dumps(world.failed(*numbers))))

    assert came_back == []
    assert world.delivered() == [numbers]


@pytest.mark.parametrize(
    "envelope",
    [
        object_created,
        bridged_creation,
        lambda bucket, key: notification(json.dumps(object_created(bucket, key))),
        lambda bucket, key: notification(json.dumps(bridged_creation(bucket, key))),
    ],
    ids=["S3", "EventBridge", "S3 by a topic", "EventBridge by a topic"],
)
def test_records_that_no_stream_has_any_more_are_delivered_from_the_object(
    world: World, envelope: Callable[[str, str], Json]
) -> None:
    world.keep(world.failed_with_payload(NEVER_IN_THE_STREAM))

    came_back = world.recover(envelope(world.names["failed_bucket"], world.key()))

    assert came_back == []
    assert [event["Records"] for event in world.deliveries()] == [NEVER_IN_THE_STREAM]
    assert world.parked() == []


def test_a_payload_as_an_object_is_delivered_too(world: World) -> None:
    message = world.failed_with_payload(NEVER_IN_THE_STREAM)
    world.keep(message | {"payload": json.loads(message["payload"])})

    world.recover(world.announced())

    assert world.delivered() == [SPELLED]


def test_a_damaged_payload_is_refetched(world: World) -> None:
    numbers = world.write("a", "b")
    world.keep(world.failed(*numbers, batch_size=2) | {"payload": '{"Records": [{'})

    came_back = world.recover(world.announced())

    assert came_back == []
    assert world.delivered() == [numbers]


def test_each_object_of_a_notification_is_recovered_and_a_bad_one_harms_none(world: World) -> None:
    for key, record in zip(("one", "three"), NEVER_IN_THE_STREAM, strict=True):
        world.keep(world.failed_with_payload([record]), key)
    world.keep("not JSON", "two")

    world.recover(world.announced("one", "two", "three"))
    world.recover(*world.queued())

    assert sorted(world.delivered()) == [[number] for number in SPELLED]
    assert world.reasons() == ["malformed_message"]


def test_the_version_that_is_announced_is_recovered_even_if_something_else_lies_there_now(world: World) -> None:
    bucket = world.names["failed_bucket"]
    world.client_of("s3").put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    version = world.keep(world.failed_with_payload(NEVER_IN_THE_STREAM))
    world.keep("something else")

    world.recover(world.announced(version=version))

    assert world.delivered() == [SPELLED]


@pytest.mark.parametrize("version", [None, "of-old"])
def test_an_object_that_is_gone_is_parked_with_all_that_its_key_says(world: World, version: str | None) -> None:
    came_back = world.recover(world.announced(version=version))

    assert came_back == []
    (stored,) = world.documents()
    assert stored["manifest"]["reason"] == "object_gone"
    known = stored["found"]["object"]
    assert (known["mappingUuid"], known["shardId"]) == ("6f6e1b9a-7a2b", world.names["shard_id"])
    assert json.loads(stored["body"])["Records"][0]["s3"]["object"]["key"]


@pytest.mark.parametrize(
    ("kept", "content"),
    [("somebody's notes", "somebody's notes"), (b"\xff\x00{", "\\xff\x00{"), ("[" * 10_000, "[" * 10_000)],
    ids=["text", "bytes", "brackets"],
)
def test_what_is_kept_in_the_bucket_and_is_no_failed_batch_is_parked_word_for_word(
    world: World, kept: str | bytes, content: str
) -> None:
    world.keep(kept)

    came_back = world.recover(world.announced())

    assert came_back == []
    (stored,) = world.documents()
    assert stored["manifest"]["reason"] == "malformed_message"
    assert stored["found"]["content"] == content


def test_an_object_larger_than_any_failed_batch_is_not_read(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("changestream.recovery.failed_batches.LARGEST_BYTES", 10)
    world.keep("x" * 11)
    answers: list[Any] = []
    listening = world.client_of("s3").meta.events
    listening.register("after-call.s3.GetObject", lambda http_response, **_: answers.append(http_response.raw))

    came_back = world.recover(world.announced())

    assert came_back == []
    ((manifest, _),) = world.parked()
    assert "larger than any failed batch" in manifest["message"]
    assert answers[0].closed


def test_a_gap_that_a_damaged_payload_leaves_names_the_object(world: World) -> None:
    numbers = world.write("a")
    before_all = str(int(numbers[0]) - 10)
    world.keep(world.failed(before_all, numbers[0], batch_size=2) | {"payload": "{"})

    came_back = world.recover(world.announced())

    assert came_back == []
    assert world.delivered() == [numbers]
    ((manifest, _),) = world.parked()
    assert manifest["reason"] == "expired"
    assert f"s3://{world.names['failed_bucket']}/{world.key()}: the payload is no event" in manifest["message"]


def test_objects_of_other_buckets_are_not_read(world: World) -> None:
    world.client_of("s3").put_object(Bucket=world.names["bucket"], Key=world.key(), Body=b"{}")

    came_back = world.recover(object_created(world.names["bucket"], world.key()))

    assert came_back == []
    assert world.client_of("s3").list_objects_v2(Bucket=world.names["bucket"])["KeyCount"] == 2
    assert world.delivered() == []


def test_a_bucket_that_refuses_sends_the_message_back(world: World, refuse: Callable[..., None]) -> None:
    world.keep(world.failed_with_payload(NEVER_IN_THE_STREAM))
    refuse(service="s3", operation="GetObject", resource=world.names["failed_bucket"], error="SlowDown", status=503)

    assert len(world.recover(world.announced())) == 1
    assert world.parked() == []


def test_the_test_event_is_settled_and_leaves_a_line_in_the_log(world: World, caplog: pytest.LogCaptureFixture) -> None:
    assert world.recover(TEST_EVENT) == []

    assert world.parked() == []
    assert any("nothing to recover" in record.message for record in caplog.records)


@pytest.mark.parametrize("by", ["queue", "topic", "bucket"])
def test_the_rest_of_a_range_is_recovered_from_where_it_was_left_whatever_the_envelope(world: World, by: str) -> None:
    numbers = world.write("a", "b", "unavailable", "d")
    message = world.failed(numbers[0], numbers[3], batch_size=4)
    if by == "bucket":
        world.keep(message | {"payload": json.dumps({"Records": world.event_records()})})
    body = {"queue": message, "topic": notification(json.dumps(message)), "bucket": world.announced()}[by]

    assert world.recover(body) == []
    (rest,) = world.queued()
    assert len(world.recover(rest)) == 1

    eventually(lambda: world.delivered() == [numbers, numbers[2:]])
    batch = rest["DDBStreamBatchInfo"]
    assert (batch["startSequenceNumber"], batch["batchSize"]) == (numbers[2], 2)
    assert ("payloadStoredIn" in rest) == (by == "bucket")


def test_the_rest_of_a_batch_whose_object_is_gone_is_refetched(world: World) -> None:
    numbers = world.write("a", "b")
    where = {"bucket": world.names["failed_bucket"], "key": world.key("gone"), "version": None}

    came_back = world.recover(world.failed(*numbers, batch_size=2) | {"payloadStoredIn": where})

    assert came_back == []
    assert world.delivered() == [numbers]


@pytest.mark.parametrize("with_payload", [False, True])
def test_a_function_that_recovery_may_not_invoke_is_not_and_its_records_are_secured(
    world: World, with_payload: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    numbers = world.write("a", "b")
    message = world.failed(*numbers, batch_size=2)
    if with_payload:
        world.keep(world.failed_with_payload(NEVER_IN_THE_STREAM))
        message = world.announced()
    monkeypatch.setenv("CONSUMERS", "arn:aws:lambda:eu-west-1:123456789012:function:another")
    app.recovery.cache_clear()

    came_back = world.recover(message)

    assert came_back == []
    assert world.delivered() == []
    ((manifest, payload),) = world.parked()
    assert manifest["reason"] == "function_refused"
    assert "not among the functions that recovery may invoke" in manifest["message"]
    assert payload
    assert len(payload["Records"]) == 2


def test_a_function_is_known_under_its_alias(world: World) -> None:
    numbers = world.write("a")
    client, name = world.client_of("lambda"), world.names["function"]
    version = client.publish_version(FunctionName=name)["Version"]
    client.create_alias(FunctionName=name, Name="live", FunctionVersion=version)

    assert world.recover(world.failed(numbers[0], numbers[0], function=f"{name}:live")) == []

    assert world.delivered() == [numbers]


BODIES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=10,
).map(json.dumps) | st.text(max_size=20)


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(bodies=st.lists(BODIES, min_size=1, max_size=3))
def test_no_body_makes_the_handler_raise_or_harms_the_message_beside_it(world: World, bodies: list[str]) -> None:
    world.keep(world.failed_with_payload(NEVER_IN_THE_STREAM))
    records = [queue_message(body, f"m-{n}") for n, body in enumerate((*bodies, json.dumps(world.announced())))]
    before = len(world.delivered())

    response = app.lambda_handler({"Records": records}, Context(300))

    assert response == {"batchItemFailures": []}
    eventually(lambda: world.delivered()[before:] == [SPELLED])
