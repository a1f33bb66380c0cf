"""Events that are made anew of the history are those that the consumer of ChangeStream would have received."""

import json
from base64 import b64decode
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest

from builders import TABLE, TIME_TO_LIVE, capture, kinesis_record, task
from changestream.core.errors import ChangestreamError
from changestream.core.identity import identity_of
from changestream.wire import kinesis_capture
from conftest import ClientOf
from functions.record_history import app
from invocations import Context
from streamctl.replaying.events import CaptureRecords
from streamctl.replaying.history import History, RevisionKey, UnfaithfulRevision
from streamctl.replaying.tables import TableReader

Json = dict[str, Any]

STREAM = "arn:aws:kinesis:eu-west-1:123456789012:stream/Changes"
ROLE = "arn:aws:iam::123456789012:role/consumer"
FOREVER = 10**16
EVERY_TYPE = task(
    note={"B": "Zm9vYmFy"},
    tags={"SS": ["b", "a", "ü"]},
    counts={"NS": ["10", "2", "0.5"]},
    scans={"BS": ["AAE=", "/w=="]},
    deep={"M": {"list": {"L": [{"B": "AA=="}, {"NULL": True}, {"M": {}}, {"N": "-1.5"}]}, "yes": {"BOOL": False}}},
    description={"S": 'a "word"\nand \u0000 and 漢字'},
)


class Recorded:
    """A history, and what is made of it."""

    def __init__(self, client: Any, table: str, tasks_table: str = TABLE) -> None:
        self.client, self.table = client, table
        self.history = History(TableReader(client, table), tasks_table)
        self.records = CaptureRecords(tasks_table, STREAM, ROLE)

    def record(self, *captured: Json | bytes) -> None:
        records = [kinesis_record(n, each) for n, each in enumerate(captured, start=1)]
        assert app.lambda_handler({"Records": records}, Context()) == {"batchItemFailures": []}

    def keys(self, since: int = 0, until: int = FOREVER) -> list[RevisionKey]:
        return self.history.between(since, until, segments=2)

    def replayed(self) -> list[Json]:
        found = []
        for key, change in self.history.changes(self.keys()):
            assert not isinstance(change, ChangestreamError), change
            found.append(dict(self.records.of_change(key.number, change)))
        return found


RecordedOf = Callable[[str], Recorded]


@pytest.fixture
def recorded_of(
    client_of: ClientOf, create_table: Callable[[str, str], str], monkeypatch: pytest.MonkeyPatch
) -> RecordedOf:
    def made(tasks_table: str) -> Recorded:
        table = create_table("task", "revision")
        monkeypatch.setenv("TASK_HISTORY_TABLE", table)
        monkeypatch.setenv("TASKS_TABLE", tasks_table)
        app.consumer.cache_clear()
        return Recorded(client_of("dynamodb"), table, tasks_table)

    return made


@pytest.fixture
def recorded(recorded_of: RecordedOf) -> Recorded:
    return recorded_of(TABLE)


def test_a_change_comes_back_with_its_images_position_and_identity_whatever_its_values_are(recorded: Recorded) -> None:
    before = EVERY_TYPE | {"tags": {"SS": ["z"]}}
    captured = [
        capture(10, new=before),
        capture(20, new=EVERY_TYPE, old=before),
        capture(30, old=EVERY_TYPE, userIdentity=TIME_TO_LIVE),
        capture(40, old=task("task-2")),
    ]
    recorded.record(*captured)

    again = recorded.replayed()

    for record, original in zip(again, captured, strict=True):
        change = kinesis_capture.change(record)
        assert identity_of(change) == identity_of(kinesis_capture.change(kinesis_record(1, original)))
        document = json.loads(b64decode(record["kinesis"]["data"]))
        document["dynamodb"]["SizeBytes"] = original["dynamodb"]["SizeBytes"]
        assert document == original


def test_what_a_consumer_is_given_is_what_the_capture_put_byte_for_byte(
    client_of: ClientOf, recorded_of: RecordedOf
) -> None:
    kinesis, dynamodb = client_of("kinesis"), client_of("dynamodb")
    stream, table = f"changes-{uuid4().hex[:8]}", f"tasks-{uuid4().hex[:8]}"
    kinesis.create_stream(StreamName=stream, ShardCount=1)
    arn = kinesis.describe_stream_summary(StreamName=stream)["StreamDescriptionSummary"]["StreamARN"]
    keys = {"listId": "HASH", "taskId": "RANGE"}
    dynamodb.create_table(
        TableName=table,
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in keys],
        KeySchema=[{"AttributeName": name, "KeyType": kind} for name, kind in keys.items()],
    )
    precision = {"ApproximateCreationDateTimePrecision": "MICROSECOND"}
    dynamodb.enable_kinesis_streaming_destination(
        TableName=table, StreamArn=arn, EnableKinesisStreamingConfiguration=precision
    )
    dynamodb.put_item(TableName=table, Item=task(note={"B": b"foobar"}, counts={"NS": ["10", "20"]}))
    dynamodb.put_item(TableName=table, Item=task(status="done"))
    dynamodb.delete_item(TableName=table, Key={"listId": {"S": "list-1"}, "taskId": {"S": "task-1"}})
    iterator = kinesis.get_shard_iterator(
        StreamARN=arn, ShardId="shardId-000000000000", ShardIteratorType="TRIM_HORIZON"
    )["ShardIterator"]
    put = kinesis.get_records(ShardIterator=iterator)["Records"]
    recorded = recorded_of(table)
    recorded.record(*(record["Data"] for record in put))

    again = recorded.replayed()

    assert [b64decode(record["kinesis"]["data"]) for record in again] == [record["Data"] for record in put]
    assert [record["kinesis"]["partitionKey"] for record in again] == [record["PartitionKey"] for record in put]
    assert again[0].keys() == kinesis_record(1, b"").keys()
    assert again[0]["kinesis"].keys() == kinesis_record(1, b"")["kinesis"].keys()


def test_changes_come_in_the_order_of_their_times_over_all_tasks_numbered_so_that_they_can_be_told_apart(
    recorded: Recorded,
) -> None:
    times = [50, 10, 40, 10, 30, 20]
    recorded.record(*(capture(at, new=task(f"task-{n}")) for n, at in enumerate(times)))

    again = recorded.replayed()

    assert [kinesis_capture.change(record).position[-2:] for record in again] == ["10", "10", "20", "30", "40", "50"]
    numbers = [int(record["kinesis"]["sequenceNumber"]) for record in again]
    assert numbers == sorted(set(numbers))
    assert numbers == [int(record["kinesis"]["sequenceNumber"]) for record in recorded.replayed()]


def test_an_interval_holds_its_first_microsecond_and_not_its_last(recorded: Recorded) -> None:
    recorded.record(*(capture(at, new=task(f"task-{at}")) for at in (9, 10, 19, 20)))
    begin = recorded.keys()[0].moment - 9

    found = recorded.keys(begin + 10, begin + 20)

    assert [key.task for key in found] == ["list-1/task-10", "list-1/task-19"]


def test_a_row_whose_images_are_not_those_of_its_key_is_told_and_left_out(recorded: Recorded) -> None:
    recorded.record(capture(10, new=task()), capture(20, new=task(status="done"), old=task()))
    (first, second) = recorded.keys()
    recorded.client.update_item(
        TableName=recorded.table,
        Key=first.document(),
        UpdateExpression="SET newImage = :changed",
        ExpressionAttributeValues={":changed": {"S": json.dumps(task(description={"S": "changed by hand"}))}},
    )
    recorded.client.delete_item(TableName=recorded.table, Key=second.document())

    found = [change for _, change in recorded.history.changes([first, second])]

    assert all(isinstance(error, UnfaithfulRevision) for error in found)
