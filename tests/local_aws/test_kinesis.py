"""Kinesis: shards that split, merge and end, sequence numbers, and reading from anywhere in them."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest
from botocore.exceptions import ClientError

from served_aws import Aws

HALF = str(2**127)


def put(aws: Aws, arn: str, data: bytes, key: str = "key", **more: Any) -> dict[str, Any]:
    return dict(aws.client("kinesis").put_record(StreamARN=arn, PartitionKey=key, Data=data, **more))


def iterator_of(aws: Aws, arn: str, shard_id: str, kind: str = "TRIM_HORIZON", **more: Any) -> str:
    answer = aws.client("kinesis").get_shard_iterator(StreamARN=arn, ShardId=shard_id, ShardIteratorType=kind, **more)
    return str(answer["ShardIterator"])


def shards_of(aws: Aws, arn: str) -> list[dict[str, Any]]:
    return list(aws.client("kinesis").list_shards(StreamARN=arn)["Shards"])


def test_a_record_has_the_shape_that_aws_gives_it(aws: Aws) -> None:
    arn = aws.kinesis_stream()

    answer = put(aws, arn, b"data")

    (record,) = aws.kinesis_records(arn)
    assert len(answer["SequenceNumber"]) == 56
    assert record.pop("ApproximateArrivalTimestamp").microsecond % 1000 == 0
    assert record == {"SequenceNumber": answer["SequenceNumber"], "Data": b"data", "PartitionKey": "key"}


def test_an_encrypted_stream_says_so_in_its_records(aws: Aws) -> None:
    arn = aws.kinesis_stream()
    aws.client("kinesis").start_stream_encryption(StreamARN=arn, EncryptionType="KMS", KeyId="alias/aws/kinesis")

    put(aws, arn, b"data")

    assert aws.kinesis_records(arn)[0]["EncryptionType"] == "KMS"


def test_an_on_demand_stream_has_four_shards_over_the_whole_key_space(aws: Aws) -> None:
    arn = aws.kinesis_stream(shards=None)

    ranges = [shard["HashKeyRange"] for shard in shards_of(aws, arn)]

    assert len(ranges) == 4
    assert ranges[0]["StartingHashKey"] == "0"
    assert ranges[3]["EndingHashKey"] == str(2**128 - 1)
    for one, other in pairwise(ranges):
        assert int(one["EndingHashKey"]) + 1 == int(other["StartingHashKey"])


def test_sequence_numbers_grow_in_each_shard(aws: Aws) -> None:
    arn = aws.kinesis_stream()

    records = [{"PartitionKey": "key", "Data": bytes([number])} for number in range(100)]
    answer = aws.client("kinesis").put_records(StreamARN=arn, Records=records)

    numbers = [int(record["SequenceNumber"]) for record in answer["Records"]]
    assert answer["FailedRecordCount"] == 0
    assert numbers == sorted(set(numbers))


@pytest.mark.parametrize(
    ("kind", "start", "expected"),
    [
        ("TRIM_HORIZON", None, [0, 1, 2, 3]),
        ("AT_SEQUENCE_NUMBER", 2, [2, 3]),
        ("AFTER_SEQUENCE_NUMBER", 2, [3]),
        ("LATEST", None, []),
    ],
)
def test_reading_begins_where_the_iterator_says(aws: Aws, kind: str, start: int | None, expected: list[int]) -> None:
    arn = aws.kinesis_stream()
    numbers = [put(aws, arn, bytes([number]))["SequenceNumber"] for number in range(4)]
    more = {} if start is None else {"StartingSequenceNumber": numbers[start]}

    iterator = iterator_of(aws, arn, "shardId-000000000000", kind, **more)

    page = aws.client("kinesis").get_records(ShardIterator=iterator)
    assert [record["Data"][0] for record in page["Records"]] == expected


def test_reading_may_begin_at_a_time(aws: Aws) -> None:
    arn = aws.kinesis_stream()
    put(aws, arn, b"early")
    aws.clock.ahead += 60
    put(aws, arn, b"late")
    late = aws.kinesis_records(arn)[1]["ApproximateArrivalTimestamp"]

    iterator = iterator_of(aws, arn, "shardId-000000000000", "AT_TIMESTAMP", Timestamp=late)

    page = aws.client("kinesis").get_records(ShardIterator=iterator)
    assert [record["Data"] for record in page["Records"]] == [b"late"]


def test_a_page_tells_how_far_it_lies_behind(aws: Aws) -> None:
    arn = aws.kinesis_stream()
    put(aws, arn, b"1")
    put(aws, arn, b"2")
    aws.clock.ahead += 60
    kinesis = aws.client("kinesis")

    first = kinesis.get_records(ShardIterator=iterator_of(aws, arn, "shardId-000000000000"), Limit=1)
    last = kinesis.get_records(ShardIterator=first["NextShardIterator"])

    assert 59_000 < first["MillisBehindLatest"] < 70_000
    assert last["MillisBehindLatest"] == 0


def test_a_split_shard_takes_no_more_records_and_ends(aws: Aws) -> None:
    arn, kinesis = aws.kinesis_stream(), aws.client("kinesis")
    old = put(aws, arn, b"old")
    iterator = iterator_of(aws, arn, old["ShardId"])

    kinesis.split_shard(StreamARN=arn, ShardToSplit=old["ShardId"], NewStartingHashKey=HALF)
    new = put(aws, arn, b"new", ExplicitHashKey=HALF)

    parent, _, high = shards_of(aws, arn)
    page = kinesis.get_records(ShardIterator=iterator)
    assert new["ShardId"] == high["ShardId"]
    assert high["ParentShardId"] == parent["ShardId"]
    assert parent["SequenceNumberRange"]["EndingSequenceNumber"] == old["SequenceNumber"]
    assert int(new["SequenceNumber"]) > int(old["SequenceNumber"])
    assert [record["Data"] for record in page["Records"]] == [b"old"]
    assert "NextShardIterator" not in page
    assert [child["ShardId"] for child in page["ChildShards"]] == ["shardId-000000000001", "shardId-000000000002"]


def test_merged_shards_have_one_child_with_both_as_parents(aws: Aws) -> None:
    arn, kinesis = aws.kinesis_stream(shards=2), aws.client("kinesis")

    kinesis.merge_shards(
        StreamARN=arn, ShardToMerge="shardId-000000000000", AdjacentShardToMerge="shardId-000000000001"
    )

    child = shards_of(aws, arn)[2]
    assert child["ParentShardId"] == "shardId-000000000000"
    assert child["AdjacentParentShardId"] == "shardId-000000000001"
    assert child["HashKeyRange"] == {"StartingHashKey": "0", "EndingHashKey": str(2**128 - 1)}
    assert put(aws, arn, b"x")["ShardId"] == child["ShardId"]


def test_a_closed_shard_is_not_split_again(aws: Aws) -> None:
    arn, kinesis = aws.kinesis_stream(), aws.client("kinesis")
    split = {"StreamARN": arn, "ShardToSplit": "shardId-000000000000", "NewStartingHashKey": HALF}
    kinesis.split_shard(**split)

    with pytest.raises(kinesis.exceptions.InvalidArgumentException):
        kinesis.split_shard(**split)


def test_a_stream_is_resharded_to_a_count(aws: Aws) -> None:
    arn, kinesis = aws.kinesis_stream(shards=2), aws.client("kinesis")

    kinesis.update_shard_count(StreamARN=arn, TargetShardCount=4, ScalingType="UNIFORM_SCALING")

    open_shards = [s for s in shards_of(aws, arn) if "EndingSequenceNumber" not in s["SequenceNumberRange"]]
    summary = kinesis.describe_stream_summary(StreamARN=arn)["StreamDescriptionSummary"]
    assert len(open_shards) == summary["OpenShardCount"] == 4


def test_an_iterator_lives_five_minutes(aws: Aws) -> None:
    arn, kinesis = aws.kinesis_stream(), aws.client("kinesis")
    iterator = iterator_of(aws, arn, "shardId-000000000000")

    aws.clock.ahead += 301

    with pytest.raises(kinesis.exceptions.ExpiredIteratorException):
        kinesis.get_records(ShardIterator=iterator)


def test_records_past_retention_are_gone_and_reading_goes_on_behind_them(aws: Aws) -> None:
    arn, kinesis = aws.kinesis_stream(), aws.client("kinesis")
    old = put(aws, arn, b"old")
    aws.clock.ahead += 24 * 3600 + 1
    put(aws, arn, b"new")

    iterator = iterator_of(aws, arn, old["ShardId"], "AT_SEQUENCE_NUMBER", StartingSequenceNumber=old["SequenceNumber"])

    page = kinesis.get_records(ShardIterator=iterator)
    assert [record["Data"] for record in page["Records"]] == [b"new"]


def test_a_page_ends_before_it_is_larger_than_ten_megabytes(aws: Aws) -> None:
    arn, kinesis = aws.kinesis_stream(), aws.client("kinesis")
    for _ in range(12):
        put(aws, arn, b"x" * 1_000_000)

    page = kinesis.get_records(ShardIterator=iterator_of(aws, arn, "shardId-000000000000"))

    assert len(page["Records"]) == 10


@pytest.mark.parametrize(
    ("call", "code"),
    [
        (lambda kinesis, _: kinesis.get_records(ShardIterator="never one"), "InvalidArgumentException"),
        (lambda kinesis, it: kinesis.get_records(ShardIterator=it, Limit=10_000), None),
        (
            lambda kinesis, _: kinesis.put_record(StreamName="none", PartitionKey="k", Data=b""),
            "ResourceNotFoundException",
        ),
    ],
)
def test_a_wrong_call_is_answered_as_aws_does(aws: Aws, call: Any, code: str | None) -> None:
    iterator = iterator_of(aws, aws.kinesis_stream(), "shardId-000000000000")

    try:
        call(aws.client("kinesis"), iterator)
        answered = None
    except ClientError as error:
        answered = error.response["Error"]["Code"]

    assert answered == code


@pytest.mark.parametrize("kib", [None, 1024, 3584, 10240])
def test_a_record_is_refused_from_a_byte_beyond_the_limit_of_its_stream(aws: Aws, kib: int | None) -> None:
    arn = aws.kinesis_stream()
    if kib:
        aws.client("kinesis").update_max_record_size(StreamARN=arn, MaxRecordSizeInKiB=kib)
    fits = b"x" * ((kib or 1024) * 1024 - len("key"))

    put(aws, arn, fits)
    with pytest.raises(ClientError, match=f"exceeds {kib or 1024} KiB"):
        put(aws, arn, fits + b"x")

    assert len(aws.kinesis_records(arn)) == 1


def test_a_limit_of_records_beyond_10_mib_is_refused(aws: Aws) -> None:
    arn, kinesis = aws.kinesis_stream(), aws.client("kinesis")

    with pytest.raises(ClientError, match="maxRecordSizeInKiB"):
        kinesis.update_max_record_size(StreamARN=arn, MaxRecordSizeInKiB=10_241)

    assert summary_of(aws, arn)["MaxRecordSizeInKiB"] == 1024


def test_an_automatic_distribution_ignores_partition_keys(aws: Aws) -> None:
    arn, kinesis = aws.kinesis_stream(shards=None), aws.client("kinesis")
    by_key = {put(aws, arn, b"data")["ShardId"] for _ in range(20)}

    kinesis.update_stream_record_distribution_strategy(StreamARN=arn, RecordDistributionStrategy="AUTO")
    at_will = {put(aws, arn, b"data")["ShardId"] for _ in range(20)}

    assert len(by_key) == 1
    assert len(at_will) > 1
    assert summary_of(aws, arn)["RecordDistributionStrategy"] == "AUTO"


def test_a_provisioned_stream_has_no_automatic_distribution(aws: Aws) -> None:
    arn, kinesis = aws.kinesis_stream(), aws.client("kinesis")

    with pytest.raises(kinesis.exceptions.InvalidArgumentException, match="ON_DEMAND"):
        kinesis.update_stream_record_distribution_strategy(StreamARN=arn, RecordDistributionStrategy="AUTO")

    assert "RecordDistributionStrategy" not in summary_of(aws, arn)


def summary_of(aws: Aws, arn: str) -> dict[str, Any]:
    return dict(aws.client("kinesis").describe_stream_summary(StreamARN=arn)["StreamDescriptionSummary"])
