"""The streams of memory: read through boto3's methods as through the served endpoint, with every rule of AWS's."""

from collections.abc import Callable, Iterator
from itertools import pairwise
from typing import Any
from uuid import uuid4

import pytest
from botocore.exceptions import ClientError

from conftest import ClientOf
from memory_and_served import Both, Json, comparable, key, number, outcome
from simulation.memory_aws import Call, MemoryAws, Whims
from simulation.memory_aws.hook import Answer

HALF = str(2**127)
SHARD = "shardId-000000000000"


class Now:
    """A time that the test moves."""

    def __init__(self) -> None:
        self.moment = 1_767_225_600.0

    def __call__(self) -> float:
        return self.moment


class Whimsical:
    """Gives the next call the whims that the test wants."""

    def __init__(self) -> None:
        self.whims = Whims()

    def around(self, call: Call, carry_out: Callable[[], Answer]) -> Answer:
        call.whims, self.whims = self.whims, Whims()
        return carry_out()


@pytest.fixture
def now() -> Now:
    return Now()


@pytest.fixture
def hook() -> Whimsical:
    return Whimsical()


@pytest.fixture
def aws(now: Now, hook: Whimsical) -> MemoryAws:
    return MemoryAws(now, hook)


@pytest.fixture(params=["memory", "served"])
def kinesis(request: pytest.FixtureRequest, memory: MemoryAws, client_of: ClientOf) -> Any:
    """Kinesis in memory, and of the served endpoint."""
    return memory.client("kinesis") if request.param == "memory" else client_of("kinesis")


def stream(kinesis: Any, shards: int = 1) -> str:
    name = f"stream-{uuid4()}"
    kinesis.create_stream(StreamName=name, ShardCount=shards)
    return str(kinesis.describe_stream_summary(StreamName=name)["StreamDescriptionSummary"]["StreamARN"])


def put(kinesis: Any, arn: str, *contents: bytes, **more: Any) -> list[Json]:
    return [kinesis.put_record(StreamARN=arn, PartitionKey="key", Data=content, **more) for content in contents]


def iterator(client: Any, arn: str, shard_id: str = SHARD, kind: str = "TRIM_HORIZON", **more: Any) -> str:
    stream_arn = {"StreamARN": arn} if ":kinesis:" in arn else {"StreamArn": arn}
    answer = client.get_shard_iterator(**stream_arn, ShardId=shard_id, ShardIteratorType=kind, **more)
    return str(answer["ShardIterator"])


def pages(client: Any, first: str, **more: Any) -> Iterator[Json]:
    """Every page up to the tip of an open shard or the end of a closed one."""
    following: str | None = first
    while following:
        page = client.get_records(ShardIterator=following, **more)
        yield page
        following = page.get("NextShardIterator") if page["MillisBehindLatest"] else None


def contents(client: Any, first: str) -> list[bytes]:
    return [record["Data"] for page in pages(client, first) for record in page["Records"]]


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


def test_sequence_numbers_of_either_stream_grow_a_digit_longer_on_the_way(aws: MemoryAws) -> None:
    kinesis = aws.client("kinesis")

    written = put(kinesis, stream(kinesis), *[b"x"] * 40)

    numbers = [answer["SequenceNumber"] for answer in written]
    assert all(int(one) < int(other) for one, other in pairwise(numbers))
    assert sorted(numbers) != numbers
    assert {len(each) for each in numbers} == {56, 57}


def test_an_iterator_of_kinesis_lives_five_minutes(aws: MemoryAws, now: Now) -> None:
    kinesis = aws.client("kinesis")
    held = iterator(kinesis, stream(kinesis))

    now.moment += 301

    with pytest.raises(ClientError, match="ExpiredIteratorException"):
        kinesis.get_records(ShardIterator=held)


def test_what_a_tables_stream_has_trimmed_is_refused_and_kinesis_reads_on(aws: MemoryAws, now: Now) -> None:
    kinesis, arn = aws.client("kinesis"), stream(aws.client("kinesis"))
    (old,) = put(kinesis, arn, b"old")
    dynamodb, streams = aws.client("dynamodb"), aws.client("dynamodbstreams")
    table_arn = table_with_stream(dynamodb)
    dynamodb.put_item(TableName="Tasks", Item=key())
    (shard,) = streams.describe_stream(StreamArn=table_arn)["StreamDescription"]["Shards"]
    (record,) = streams.get_records(ShardIterator=iterator(streams, table_arn, shard["ShardId"]))["Records"]
    trimmed = {"SequenceNumber": record["dynamodb"]["SequenceNumber"]}

    now.moment += 86_401
    put(kinesis, arn, b"new")

    at = iterator(kinesis, arn, SHARD, "AT_SEQUENCE_NUMBER", StartingSequenceNumber=old["SequenceNumber"])
    assert contents(kinesis, at) == [b"new"]
    with pytest.raises(ClientError, match="TrimmedDataAccessException"):
        iterator(streams, table_arn, shard["ShardId"], "AT_SEQUENCE_NUMBER", **trimmed)


def test_an_empty_page_in_the_middle_leads_on_and_does_not_claim_to_be_at_the_tip(
    aws: MemoryAws, hook: Whimsical
) -> None:
    kinesis = aws.client("kinesis")
    arn = stream(kinesis)
    put(kinesis, arn, b"waiting")
    first = iterator(kinesis, arn)

    hook.whims = Whims(empty=True)
    found = list(pages(kinesis, first))

    assert [len(page["Records"]) for page in found] == [0, 1]
    assert [page["MillisBehindLatest"] > 0 for page in found] == [True, False]


def test_put_records_may_leave_the_last_ones_to_the_caller(aws: MemoryAws, hook: Whimsical) -> None:
    kinesis = aws.client("kinesis")
    arn = stream(kinesis)

    hook.whims = Whims(unprocessed=1)
    answer = kinesis.put_records(StreamARN=arn, Records=[{"PartitionKey": "k", "Data": each} for each in (b"1", b"2")])

    assert answer["FailedRecordCount"] == 1
    assert "ErrorCode" in answer["Records"][1]
    assert contents(kinesis, iterator(kinesis, arn)) == [b"1"]


def test_a_mapping_reads_the_very_records_that_clients_do(aws: MemoryAws) -> None:
    kinesis = aws.client("kinesis")
    arn = stream(kinesis)

    (answer,) = put(kinesis, arn, b"one")

    (shard,) = aws.kinesis().streams[arn].store.listing()
    assert [str(record.sequence_number) for record in shard.records] == [answer["SequenceNumber"]]


def test_what_lives_too_long_is_deleted_in_dynamodbs_name(aws: MemoryAws, now: Now) -> None:
    dynamodb, streams = aws.client("dynamodb"), aws.client("dynamodbstreams")
    arn = table_with_stream(dynamodb)
    wanted = {"AttributeName": "expiresAt", "Enabled": True}
    dynamodb.update_time_to_live(TableName="Tasks", TimeToLiveSpecification=wanted)
    dynamodb.put_item(TableName="Tasks", Item=key() | {"expiresAt": number(int(now.moment) + 10)})
    table = aws.dynamodb().tables.table("Tasks")

    early = table.expire()
    now.moment += 11
    late = table.expire()

    (shard,) = streams.describe_stream(StreamArn=arn)["StreamDescription"]["Shards"]
    records = streams.get_records(ShardIterator=iterator(streams, arn, shard["ShardId"]))["Records"]
    assert (early, late) == (0, 1)
    assert [record["eventName"] for record in records] == ["INSERT", "REMOVE"]
    assert records[1]["userIdentity"] == {"PrincipalId": "dynamodb.amazonaws.com", "Type": "Service"}


def table_with_stream(dynamodb: Any) -> str:
    described = dynamodb.create_table(
        TableName="Tasks",
        AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in key()],
        KeySchema=[
            {"AttributeName": name, "KeyType": kind} for name, kind in zip(key(), ("HASH", "RANGE"), strict=True)
        ],
        StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"},
    )
    return str(described["TableDescription"]["LatestStreamArn"])
