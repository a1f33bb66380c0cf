"""The streams in memory are written, divided and read as those of the served endpoint."""

from typing import Any

import pytest

from conftest import ClientOf
from simulation.memory_aws import MemoryAws

from .memory_and_served import Both, Json, comparable, key, number, outcome
from .memory_streams import SHARD, contents, iterator, put, stream

HALF = str(2**127)


@pytest.fixture(params=["memory", "served"])
def kinesis(request: pytest.FixtureRequest, memory: MemoryAws, client_of: ClientOf) -> Any:
    """Kinesis in memory, and of the served endpoint."""
    return memory.client("kinesis") if request.param == "memory" else client_of("kinesis")


@pytest.mark.parametrize(
    ("kind", "start", "expected"),
    [
        ("TRIM_HORIZON", None, [b"0", b"1", b"2"]),
        ("AT_SEQUENCE_NUMBER", 1, [b"1", b"2"]),
        ("AFTER_SEQUENCE_NUMBER", 1, [b"2"]),
        ("LATEST", None, []),
    ],
)
def test_reading_begins_where_the_iterator_says(
    kinesis: Any, kind: str, start: int | None, expected: list[bytes]
) -> None:
    arn = stream(kinesis)
    written = put(kinesis, arn, b"0", b"1", b"2")
    more = {} if start is None else {"StartingSequenceNumber": written[start]["SequenceNumber"]}

    found = contents(kinesis, iterator(kinesis, arn, kind=kind, **more))

    assert found == expected


def test_a_split_shard_ends_and_names_its_children(kinesis: Any) -> None:
    arn = stream(kinesis)
    (old,) = put(kinesis, arn, b"old")

    kinesis.split_shard(StreamARN=arn, ShardToSplit=SHARD, NewStartingHashKey=HALF)
    (new,) = put(kinesis, arn, b"new", ExplicitHashKey=HALF)

    page = kinesis.get_records(ShardIterator=iterator(kinesis, arn))
    shards = kinesis.list_shards(StreamARN=arn)["Shards"]
    assert [record["Data"] for record in page["Records"]] == [b"old"]
    assert "NextShardIterator" not in page
    assert [child["ShardId"] for child in page["ChildShards"]] == [each["ShardId"] for each in shards[1:]]
    assert shards[0]["SequenceNumberRange"]["EndingSequenceNumber"] == old["SequenceNumber"]
    assert new["ShardId"] == shards[2]["ShardId"]
    assert [each["HashKeyRange"]["EndingHashKey"] for each in shards] == [
        str(2**128 - 1), str(2**127 - 1), str(2**128 - 1)
    ]  # fmt: skip


def test_merged_shards_go_on_in_one_child_of_both(kinesis: Any) -> None:
    arn = stream(kinesis, shards=2)
    first, second = (shard["ShardId"] for shard in kinesis.list_shards(StreamARN=arn)["Shards"])

    kinesis.merge_shards(StreamARN=arn, ShardToMerge=first, AdjacentShardToMerge=second)

    child = kinesis.list_shards(StreamARN=arn)["Shards"][2]
    assert {child["ParentShardId"], child["AdjacentParentShardId"]} == {first, second}


@pytest.mark.parametrize(
    ("operation", "parameters", "code"),
    [
        ("get_shard_iterator", {"ShardId": "shardId-000000000009", "ShardIteratorType": "LATEST"}, "ResourceNotFound"),
        ("get_shard_iterator", {"ShardId": SHARD, "ShardIteratorType": "AT_SEQUENCE_NUMBER"}, "InvalidArgument"),
        (
            "get_shard_iterator",
            {"ShardId": SHARD, "ShardIteratorType": "AT_SEQUENCE_NUMBER", "StartingSequenceNumber": "x"},
            "InvalidArgument",
        ),
        ("get_records", {"ShardIterator": "nonsense"}, "InvalidArgument"),
        ("put_records", {"Records": []}, "Validation"),
        ("split_shard", {"ShardToSplit": SHARD, "NewStartingHashKey": "0"}, "InvalidArgument"),
        ("merge_shards", {"ShardToMerge": SHARD, "AdjacentShardToMerge": SHARD}, "InvalidArgument"),
    ],
)
def test_a_wrong_call_is_refused(kinesis: Any, operation: str, parameters: Json, code: str) -> None:
    arn = stream(kinesis)

    refused = outcome(kinesis, (operation, {"StreamARN": arn} | parameters))

    assert refused["error"] == f"{code}Exception"


def test_a_table_has_the_same_stream_in_memory_as_at_the_endpoint(
    both: Both, memory: MemoryAws, client_of: ClientOf
) -> None:
    steps: list[tuple[str, Json]] = [
        ("put_item", {"TableName": "TABLE", "Item": key() | {"n": number(1)}}),
        ("put_item", {"TableName": "TABLE", "Item": key() | {"n": number("1.0")}}),
        ("update_item", {"TableName": "TABLE", "Key": key(), "UpdateExpression": "REMOVE absent"}),
        (
            "transact_write_items",
            {"TransactItems": [{"Put": {"TableName": "TABLE", "Item": key() | {"n": number(2)}}}]},
        ),
        ("batch_write_item", {"RequestItems": {"TABLE": [{"DeleteRequest": {"Key": key()}}]}}),
        ("delete_item", {"TableName": "TABLE", "Key": key()}),
    ]

    both.outcomes(steps)

    seen = []
    for client, streams in (
        (both.memory, memory.client("dynamodbstreams")),
        (both.served, client_of("dynamodbstreams")),
    ):
        arn = client.describe_table(TableName=both.table)["Table"]["LatestStreamArn"]
        (shard,) = streams.describe_stream(StreamArn=arn)["StreamDescription"]["Shards"]
        records = streams.get_records(ShardIterator=iterator(streams, arn, shard["ShardId"]))["Records"]
        numbers = [int(record["dynamodb"].pop("SequenceNumber")) for record in records]
        assert numbers == sorted(numbers)
        for record in records:
            assert len(record.pop("eventID")) == 32
            assert record["dynamodb"].pop("SizeBytes") > 0  # how DynamoDB counts digits, nobody knows
            assert record["dynamodb"].pop("ApproximateCreationDateTime").microsecond == 0
        seen.append(comparable(records))
    assert [record["eventName"] for record in seen[0]] == ["INSERT", "MODIFY", "REMOVE"]
    assert seen[0] == seen[1]
