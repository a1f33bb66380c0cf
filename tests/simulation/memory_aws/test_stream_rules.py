"""What AWS's streams do and the served endpoint does not, or not before time passes: memory does it."""

from collections.abc import Callable
from itertools import pairwise
from typing import Any

import pytest
from botocore.exceptions import ClientError

from simulation.memory_aws import Call, MemoryAws, Whims
from simulation.memory_aws.hook import Answer

from .memory_and_served import key, number
from .memory_streams import SHARD, contents, iterator, pages, put, stream


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


@pytest.mark.parametrize("kib", [1024, 3584])
def test_a_record_is_refused_from_a_byte_beyond_the_limit_of_its_stream(aws: MemoryAws, kib: int) -> None:
    kinesis = aws.client("kinesis")
    kinesis.create_stream(StreamName="large", ShardCount=1, MaxRecordSizeInKiB=kib)
    fits = b"x" * (kib * 1024 - len("key"))

    kinesis.put_record(StreamName="large", PartitionKey="key", Data=fits)

    with pytest.raises(ClientError, match=f"exceeds {kib} KiB"):
        kinesis.put_record(StreamName="large", PartitionKey="key", Data=fits + b"x")
