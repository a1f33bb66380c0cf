"""DynamoDB Streams: its pages, its limits, its errors, and shards that end."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError

from served_aws import Aws, item

HOUR = 3600


def shards_of(aws: Aws, arn: str) -> list[dict[str, Any]]:
    description = aws.client("dynamodbstreams").describe_stream(StreamArn=arn)["StreamDescription"]
    return list(description["Shards"])


def iterator_of(aws: Aws, arn: str, kind: str = "TRIM_HORIZON", shard: int = 0, **more: Any) -> str:
    shard_id = shards_of(aws, arn)[shard]["ShardId"]
    answer = aws.client("dynamodbstreams").get_shard_iterator(
        StreamArn=arn, ShardId=shard_id, ShardIteratorType=kind, **more
    )
    return str(answer["ShardIterator"])


def tasks_of(page: dict[str, Any]) -> list[str]:
    return [record["dynamodb"]["Keys"]["task"]["S"] for record in page["Records"]]


def written(aws: Aws, count: int) -> tuple[str, list[str]]:
    """A table's stream with so many records; their sequence numbers."""
    table = aws.table()
    for number in range(count):
        aws.client("dynamodb").put_item(TableName=table, Item=item(str(number)))
    numbers = [record["dynamodb"]["SequenceNumber"] for record in aws.table_changes(table)]
    return aws.stream_arn(table), numbers


def test_streams_are_listed_and_described(aws: Aws) -> None:
    table = aws.table("KEYS_ONLY")
    streams = aws.client("dynamodbstreams")

    listed = streams.list_streams(TableName=table)["Streams"]
    described = streams.describe_stream(StreamArn=listed[0]["StreamArn"])["StreamDescription"]

    assert listed == [{"StreamArn": aws.stream_arn(table), "TableName": table, "StreamLabel": described["StreamLabel"]}]
    assert described["StreamStatus"] == "ENABLED"
    assert described["StreamViewType"] == "KEYS_ONLY"
    assert [key["AttributeName"] for key in described["KeySchema"]] == ["list", "task"]
    assert "EndingSequenceNumber" not in described["Shards"][0]["SequenceNumberRange"]


@pytest.mark.parametrize(
    ("kind", "start", "expected"),
    [
        ("TRIM_HORIZON", None, ["0", "1", "2", "3"]),
        ("AT_SEQUENCE_NUMBER", 1, ["1", "2", "3"]),
        ("AFTER_SEQUENCE_NUMBER", 1, ["2", "3"]),
        ("LATEST", None, []),
    ],
)
def test_reading_begins_where_the_iterator_says(aws: Aws, kind: str, start: int | None, expected: list[str]) -> None:
    arn, numbers = written(aws, 4)
    more: dict[str, Any] = {} if start is None else {"SequenceNumber": numbers[start]}

    page = aws.client("dynamodbstreams").get_records(ShardIterator=iterator_of(aws, arn, kind, **more))

    assert tasks_of(page) == expected


def test_an_iterator_may_be_used_again_and_answers_the_same(aws: Aws) -> None:
    arn, _ = written(aws, 3)
    iterator = iterator_of(aws, arn)
    streams = aws.client("dynamodbstreams")

    first = streams.get_records(ShardIterator=iterator, Limit=2)
    again = streams.get_records(ShardIterator=iterator, Limit=2)
    rest = streams.get_records(ShardIterator=first["NextShardIterator"])

    assert tasks_of(first) == tasks_of(again) == ["0", "1"]
    assert tasks_of(rest) == ["2"]


def test_a_page_ends_before_it_is_larger_than_a_megabyte(aws: Aws) -> None:
    table, streams = aws.table(), aws.client("dynamodbstreams")
    for number in range(6):
        large = item(str(number), text={"S": "x" * 300_000})
        aws.client("dynamodb").put_item(TableName=table, Item=large)

    page = streams.get_records(ShardIterator=iterator_of(aws, aws.stream_arn(table)))

    assert tasks_of(page) == ["0", "1", "2"]


def test_a_page_holds_a_thousand_records_at_most(aws: Aws) -> None:
    table = aws.table("KEYS_ONLY")
    for start in range(0, 1050, 25):
        puts = [{"PutRequest": {"Item": item(str(number))}} for number in range(start, start + 25)]
        aws.client("dynamodb").batch_write_item(RequestItems={table: puts})
    iterator = iterator_of(aws, aws.stream_arn(table))

    page = aws.client("dynamodbstreams").get_records(ShardIterator=iterator)
    with pytest.raises(aws.client("dynamodbstreams").exceptions.LimitExceededException):
        aws.client("dynamodbstreams").get_records(ShardIterator=iterator, Limit=1001)

    assert len(page["Records"]) == 1000


def test_an_iterator_lives_fifteen_minutes(aws: Aws) -> None:
    arn, _ = written(aws, 1)
    iterator = iterator_of(aws, arn)
    streams = aws.client("dynamodbstreams")

    aws.clock.ahead += 899
    page = streams.get_records(ShardIterator=iterator)
    aws.clock.ahead += 2

    assert len(page["Records"]) == 1
    with pytest.raises(streams.exceptions.ExpiredIteratorException):
        streams.get_records(ShardIterator=iterator)


def test_records_are_gone_after_a_day(aws: Aws) -> None:
    arn, numbers = written(aws, 3)
    shard_id = shards_of(aws, arn)[0]["ShardId"]
    streams = aws.client("dynamodbstreams")

    aws.clock.ahead += 24 * HOUR + 1

    with pytest.raises(streams.exceptions.TrimmedDataAccessException):
        streams.get_shard_iterator(
            StreamArn=arn, ShardId=shard_id, ShardIteratorType="AT_SEQUENCE_NUMBER", SequenceNumber=numbers[1]
        )
    assert streams.get_records(ShardIterator=iterator_of(aws, arn))["Records"] == []


def test_a_shard_is_followed_by_a_child_after_four_hours(aws: Aws) -> None:
    table, dynamodb = aws.table(), aws.client("dynamodb")
    dynamodb.put_item(TableName=table, Item=item("1"))
    arn = aws.stream_arn(table)

    aws.clock.ahead += 4 * HOUR + 1
    dynamodb.put_item(TableName=table, Item=item("2"))

    parent, child = shards_of(aws, arn)
    page = aws.client("dynamodbstreams").get_records(ShardIterator=iterator_of(aws, arn))
    assert child["ParentShardId"] == parent["ShardId"]
    assert int(parent["SequenceNumberRange"]["EndingSequenceNumber"]) < int(
        child["SequenceNumberRange"]["StartingSequenceNumber"]
    )
    assert tasks_of(page) == ["1"]
    assert "NextShardIterator" not in page


def test_a_disabled_stream_stays_readable_and_a_new_one_has_its_own_arn(aws: Aws) -> None:
    table, dynamodb = aws.table(), aws.client("dynamodb")
    dynamodb.put_item(TableName=table, Item=item("1"))
    old = aws.stream_arn(table)

    dynamodb.update_table(TableName=table, StreamSpecification={"StreamEnabled": False})
    dynamodb.put_item(TableName=table, Item=item("2"))
    specification = {"StreamEnabled": True, "StreamViewType": "NEW_IMAGE"}
    dynamodb.update_table(TableName=table, StreamSpecification=specification)

    page = aws.client("dynamodbstreams").get_records(ShardIterator=iterator_of(aws, old))
    assert tasks_of(page) == ["1"]
    assert "NextShardIterator" not in page
    assert aws.stream_arn(table) != old


@pytest.mark.parametrize(
    ("call", "code"),
    [
        (lambda streams, arn: streams.describe_stream(StreamArn=arn + "9"), "ResourceNotFoundException"),
        (
            lambda streams, arn: streams.get_shard_iterator(
                StreamArn=arn, ShardId="shardId-00000000000000000000-none", ShardIteratorType="LATEST"
            ),
            "ResourceNotFoundException",
        ),
        (lambda streams, _: streams.get_records(ShardIterator="never one"), "ValidationException"),
    ],
)
def test_a_wrong_call_is_answered_as_aws_does(aws: Aws, call: Any, code: str) -> None:
    arn = aws.stream_arn(aws.table())

    with pytest.raises(ClientError) as raised:
        call(aws.client("dynamodbstreams"), arn)

    assert raised.value.response["Error"]["Code"] == code
