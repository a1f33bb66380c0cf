import io
import json
import zipfile
from collections.abc import Callable, Iterator
from typing import Any
from urllib.request import urlopen
from uuid import uuid4

import pytest

from builders import ROLE_ARN, failure_message, queue_message, task
from changestream.wire import parked_object
from conftest import ClientOf
from functions.recover_batches import app
from invocations import Context, CountedCalls

Json = dict[str, Any]

CONSUMER = """
import json, os

def handler(event, context):
    records = event["Records"]
    print(json.dumps({"delivered": event}))
    for record in records:
        ddb = record.get("dynamodb")
        what = ddb["NewImage"]["description"]["S"] if ddb else ""
        number = ddb["SequenceNumber"] if ddb else record["kinesis"]["sequenceNumber"]
        if what == "crash":
            raise RuntimeError("cannot bear it")
        if what in ("poison", "unavailable"):
            failure = {"kind": what, "reason": "it says " + what}
            return {"batchItemFailures": [{"itemIdentifier": number}], "failure": failure}
    return {"batchItemFailures": []}
"""


class World:
    """A streamed table, a Kinesis stream, a consumer of both, and recovery of what it failed on."""

    def __init__(self, client_of: ClientOf, endpoint: str, names: dict[str, str]) -> None:
        self.client_of = client_of
        self.endpoint = endpoint
        self.names = names
        self.started_after = self._journal(0)[-1]["number"] if self._journal(0) else 0

    def write(self, *descriptions: str) -> list[str]:
        """Write one task for each description and return the sequence numbers of the records, in order."""
        for n, description in enumerate(descriptions):
            item = task(f"task-{n:05d}", description={"S": description})
            self.client_of("dynamodb").put_item(TableName=self.names["table"], Item=item)
        return [record["dynamodb"]["SequenceNumber"] for record in self.stream_records()]

    def stream_records(self) -> list[Json]:
        client, arn = self.client_of("dynamodbstreams"), self.names["stream_arn"]
        iterator = client.get_shard_iterator(
            StreamArn=arn, ShardId=self.names["shard_id"], ShardIteratorType="TRIM_HORIZON"
        )["ShardIterator"]
        records: list[Json] = client.get_records(ShardIterator=iterator)["Records"]
        return records

    def failed(self, start: str, end: str, **replaced: Any) -> Json:
        """An on-failure message for a range of the table's stream."""
        names = {"stream_arn": self.names["stream_arn"], "shard_id": self.names["shard_id"]}
        return failure_message(start, end, **({"function": self.names["function"]} | names | replaced))

    def recover(self, *bodies: Json | str, received: int = 1, seconds_left: float = 300) -> list[str]:
        """Invoke the function with messages; return the bodies of those that have to come back."""
        client, url = self.client_of("sqs"), self.names["queue_url"]
        messages = {}
        for body in bodies:
            client.send_message(QueueUrl=url, MessageBody=body if isinstance(body, str) else json.dumps(body))
        while len(messages) < len(bodies):
            for got in client.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages", ()):
                message = queue_message(got["Body"], got["MessageId"], received)
                messages[got["MessageId"]] = message | {"receiptHandle": got["ReceiptHandle"]}
        response = app.lambda_handler({"Records": list(messages.values())}, Context(seconds_left))  # type: ignore[arg-type]
        return [messages[failure["itemIdentifier"]]["body"] for failure in response["batchItemFailures"]]

    def deliveries(self) -> list[Json]:
        """The events that the consumer was invoked with."""
        lines = [entry["line"] for entry in self._journal(self.started_after) if entry["kind"] == "function.log"]
        found = [json.loads(line) for line in lines if line.startswith('{"delivered"')]
        return [line["delivered"] for line in found]

    def delivered(self) -> list[list[str]]:
        """The sequence numbers of every delivery."""
        return [
            [
                r["dynamodb"]["SequenceNumber"] if "dynamodb" in r else r["kinesis"]["sequenceNumber"]
                for r in e["Records"]
            ]
            for e in self.deliveries()
        ]

    def parked(self) -> list[tuple[Json, Json | None]]:
        client, bucket = self.client_of("s3"), self.names["bucket"]
        keys = [entry["Key"] for entry in client.list_objects_v2(Bucket=bucket).get("Contents", ())]
        bodies = [client.get_object(Bucket=bucket, Key=key)["Body"].read().decode() for key in keys]
        return [parked_object.read(body) for body in bodies]

    def reasons(self) -> list[str]:
        return sorted(manifest["reason"] for manifest, _ in self.parked())

    def _journal(self, after: int) -> list[Json]:
        with urlopen(f"{self.endpoint}/_local/journal?after={after}&limit=100000") as answer:
            entries: list[Json] = json.load(answer)["entries"]
            return entries


@pytest.fixture(scope="module")
def consumer_zip() -> bytes:
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as zipped:
        zipped.writestr("consumer.py", CONSUMER)
    return archive.getvalue()


@pytest.fixture
def world(client_of: ClientOf, endpoint: str, consumer_zip: bytes, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    suffix = uuid4().hex[:12]
    created = client_of("dynamodb").create_table(
        TableName=f"tasks-{suffix}",
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in ("listId", "taskId")],
        KeySchema=[
            {"AttributeName": "listId", "KeyType": "HASH"},
            {"AttributeName": "taskId", "KeyType": "RANGE"},
        ],
        StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"},
    )
    stream_arn = created["TableDescription"]["LatestStreamArn"]
    described = client_of("dynamodbstreams").describe_stream(StreamArn=stream_arn)
    client_of("lambda").create_function(
        FunctionName=f"consumer-{suffix}",
        Runtime="python3.13",
        Role=ROLE_ARN,
        Handler="consumer.handler",
        Code={"ZipFile": consumer_zip},
    )
    names = {
        "table": f"tasks-{suffix}",
        "stream_arn": stream_arn,
        "shard_id": described["StreamDescription"]["Shards"][0]["ShardId"],
        "function": f"consumer-{suffix}",
        "bucket": f"parked-{suffix}",
        "queue_url": client_of("sqs").create_queue(QueueName=f"failed-{suffix}")["QueueUrl"],
    }
    client_of("s3").create_bucket(Bucket=names["bucket"], CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    monkeypatch.setenv("PARKED_RECORDS_BUCKET", names["bucket"])
    monkeypatch.setenv("FAILED_BATCHES_QUEUE_URL", names["queue_url"])
    for cached in (app.parking_lot, app.recovery):
        cached.cache_clear()
    yield World(client_of, endpoint, names)
    client_of("lambda").delete_function(FunctionName=names["function"])


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


def test_messages_that_nobody_understands_are_parked_and_those_beside_them_go_through(world: World) -> None:
    numbers = world.write("a")

    came_back = world.recover("not JSON", world.failed(numbers[0], numbers[0]), {"Records": []})

    assert came_back == []
    assert world.delivered() == [numbers]
    assert world.reasons() == ["malformed_message"] * 2


def test_an_unknown_function_leaves_the_payload_parked(world: World) -> None:
    numbers = world.write("a", "b")

    assert world.recover(world.failed(numbers[0], numbers[1], function="nobody")) == []

    ((manifest, payload),) = world.parked()
    assert (manifest["reason"], manifest["records"]) == ("function_gone", 2)
    assert payload
    assert len(payload["Records"]) == 2


@pytest.mark.parametrize("gone", [{"shard_id": "shardId-00000000000000000000-00000000"}, {"stream_arn": "?"}])
def test_a_stream_or_shard_that_is_gone_is_parked_with_all_that_is_known(world: World, gone: dict[str, str]) -> None:
    (number,) = world.write("a")
    if "stream_arn" in gone:
        gone = {"stream_arn": world.names["stream_arn"].rsplit("/", 1)[0] + "/2020-01-01T00:00:00.000"}

    assert world.recover(world.failed(number, number, **gone)) == []

    ((manifest, payload),) = world.parked()
    assert (manifest["reason"], manifest["startSequenceNumber"], payload) == ("source_gone", number, None)


def test_records_that_are_no_longer_in_the_stream_are_parked_as_expired(world: World) -> None:
    numbers = world.write("a", "b")
    before_all = str(int(numbers[0]) - 10)

    assert world.recover(world.failed(before_all, numbers[1])) == []

    ((manifest, payload),) = world.parked()
    assert (manifest["reason"], payload) == ("expired", None)
    assert world.delivered() == [numbers]


def test_an_unavailable_dependency_sends_the_message_back_and_parks_nothing(world: World) -> None:
    (number,) = world.write("unavailable")

    came_back = world.recover(world.failed(number, number))

    assert len(came_back) == 1
    assert world.parked() == []


def test_in_the_last_round_what_cannot_be_delivered_is_parked_as_unavailable(world: World) -> None:
    (number,) = world.write("unavailable")

    came_back = world.recover(world.failed(number, number), received=app.LAST_ROUND)

    assert came_back == []
    ((manifest, payload),) = world.parked()
    assert manifest["reason"] == "unavailable"
    assert payload


def test_a_stream_that_refuses_to_be_read_sends_the_message_back_even_in_the_last_round(
    world: World, refuse: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    (number,) = world.write("a")
    monkeypatch.setattr("changestream.aws.refetch.PAUSE_SECONDS", 0.001)
    refuse(service="dynamodbstreams", operation="GetShardIterator", resource=None, error="LimitExceededException")

    came_back = world.recover(world.failed(number, number), received=app.LAST_ROUND)

    assert len(came_back) == 1
    assert world.parked() == []


def test_without_time_for_a_delivery_the_message_comes_back(world: World) -> None:
    (number,) = world.write("a")

    came_back = world.recover(world.failed(number, number), seconds_left=app.CONSUMER_SECONDS)

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

    assert calls.by_operation == {"GetShardIterator": 1, "GetRecords": 1}
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
    while not world.delivered():
        pass
    world.client_of("lambda").delete_event_source_mapping(UUID=mapping["UUID"])
    (by_mapping,) = world.deliveries()
    first, last = world.delivered()[0][0], world.delivered()[0][-1]

    world.recover(world.failed(first, last, info=info, stream_arn=arn, shard_id=shard_id, batch_size=2))

    assert world.deliveries()[1] == by_mapping
