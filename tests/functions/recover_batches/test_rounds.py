import json
import time
from collections.abc import Callable
from uuid import uuid4

import pytest

from builders import queue_message
from functions.recover_batches import app
from invocations import Context, CountedCalls
from recovery_world import CONSUMER_SECONDS, World, eventually

LONG_AGO = "2026-01-01T00:00:00.000Z"


def test_an_unavailable_dependency_sends_the_message_back_and_parks_nothing(world: World) -> None:
    (number,) = world.write("unavailable")

    came_back = world.recover(world.failed(number, number))

    assert len(came_back) == 1
    assert world.parked() == []


def test_in_the_last_round_what_cannot_be_delivered_is_parked_as_unavailable(world: World) -> None:
    (number,) = world.write("unavailable")

    came_back = world.recover(world.failed(number, number, timestamp=LONG_AGO))

    assert came_back == []
    ((manifest, payload),) = world.parked()
    assert manifest["reason"] == "unavailable"
    assert payload


def test_a_stream_that_refuses_to_be_read_sends_the_message_back_even_in_the_last_round(
    world: World, refuse: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    (number,) = world.write("a")
    monkeypatch.setattr("changestream.recovery.shard_pace.PAUSE_SECONDS", 0.001)
    refuse(service="dynamodbstreams", operation="GetShardIterator", resource=None, error="LimitExceededException")

    came_back = world.recover(world.failed(number, number, timestamp=LONG_AGO))

    assert len(came_back) == 1
    assert world.parked() == []


def test_the_rest_of_a_range_goes_back_to_the_queue_as_a_smaller_range(world: World) -> None:
    numbers = world.write("a", "b", "unavailable", "d")

    came_back = world.recover(world.failed(numbers[0], numbers[3], batch_size=4))

    assert came_back == []
    (rest,) = world.queued()
    batch = rest["DDBStreamBatchInfo"]
    assert (batch["startSequenceNumber"], batch["endSequenceNumber"]) == (numbers[2], numbers[3])
    assert batch["batchSize"] == 2


def test_in_the_last_round_too_what_there_was_no_time_for_is_left_and_not_parked(world: World) -> None:
    (number,) = world.write("a")

    came_back = world.recover(world.failed(number, number, timestamp=LONG_AGO), seconds_left=CONSUMER_SECONDS)

    assert len(came_back) == 1
    assert world.parked() == []


def test_a_function_that_cannot_be_loaded_blames_no_record(world: World) -> None:
    (number,) = world.write("a")
    world.client_of("lambda").update_function_configuration(
        FunctionName=world.names["function"], Handler="nowhere.handler"
    )

    assert len(world.recover(world.failed(number, number))) == 1
    assert world.parked() == []


def test_without_time_for_a_delivery_the_message_comes_back(world: World) -> None:
    (number,) = world.write("a")

    came_back = world.recover(world.failed(number, number), seconds_left=CONSUMER_SECONDS)

    assert len(came_back) == 1
    assert world.delivered() == []


def test_a_message_is_not_settled_while_its_payload_cannot_be_parked(world: World, refuse: Callable[..., None]) -> None:
    (number,) = world.write("poison")
    refuse(service="s3", operation="PutObject", resource=world.names["bucket"], error="SlowDown", status=503)

    assert len(world.recover(world.failed(number, number))) == 1


def test_ten_thousand_records_are_refetched_in_the_fewest_calls_and_none_outside_the_range_is_delivered(
    world: World,
) -> None:
    client, name = world.client_of("kinesis"), f"changes-{uuid4().hex[:12]}"
    client.create_stream(StreamName=name, ShardCount=1)
    arn = client.describe_stream_summary(StreamName=name)["StreamDescriptionSummary"]["StreamARN"]
    numbers: list[str] = []
    for _ in range(21):
        entries = [{"Data": b"{}", "PartitionKey": "k"}] * 500
        numbers += [
            entry["SequenceNumber"] for entry in client.put_records(StreamName=name, Records=entries)["Records"]
        ]
    message = world.failed(
        numbers[250],
        numbers[10_249],
        info="KinesisBatchInfo",
        stream_arn=arn,
        shard_id="shardId-000000000000",
        batch_size=10_000,
    )
    calls = CountedCalls(client)

    assert world.recover(message) == []

    assert calls.by_operation == {"DescribeStreamSummary": 1, "GetShardIterator": 1, "GetRecords": 1}
    assert [number for delivery in world.delivered() for number in delivery] == numbers[250:10_250]


@pytest.mark.parametrize("source", ["table", "kinesis"])
def test_recovery_delivers_the_very_event_that_the_mapping_delivered(world: World, source: str) -> None:
    arn, info, shard_id = world.names["stream_arn"], "DDBStreamBatchInfo", world.names["shard_id"]
    world.write("a", "b")
    if source == "kinesis":
        client, name = world.client_of("kinesis"), f"changes-{uuid4().hex[:12]}"
        client.create_stream(StreamName=name, ShardCount=1)
        arn = client.describe_stream_summary(StreamName=name)["StreamDescriptionSummary"]["StreamARN"]
        client.put_record(StreamName=name, Data=b"\x00\xff{}", PartitionKey="k")
        info, shard_id = "KinesisBatchInfo", "shardId-000000000000"
    mapping = world.client_of("lambda").create_event_source_mapping(
        EventSourceArn=arn, FunctionName=world.names["function"], StartingPosition="TRIM_HORIZON", BatchSize=100
    )
    eventually(world.delivered)
    world.client_of("lambda").delete_event_source_mapping(UUID=mapping["UUID"])
    (by_mapping,) = world.deliveries()
    first, last = world.delivered()[0][0], world.delivered()[0][-1]

    world.recover(world.failed(first, last, info=info, stream_arn=arn, shard_id=shard_id, batch_size=2))

    assert world.deliveries()[1] == by_mapping


def test_how_long_a_message_has_been_on_its_queue_is_published_at_every_receipt(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    """SQS leaves out of its own metric what was received three times and is still there: whatever recovery tries."""
    hours_ago = {"a": 3, "b": 1}
    messages = [queue_message("not JSON", name, received=20) for name in hours_ago]
    for message, hours in zip(messages, hours_ago.values(), strict=True):
        message["attributes"]["SentTimestamp"] = str(int((time.time() - hours * 3600) * 1000))

    app.lambda_handler({"Records": messages}, Context(300))

    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines() if line.startswith('{"_aws"')]
    (waited,) = (value for line in lines for value in line.get("WaitedSeconds", ()))
    assert 3 * 3600 <= waited < 3 * 3600 + 60
