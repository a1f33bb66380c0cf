"""Kinesis capture of a table's changes: the record, its times, repeats and disorder on request."""

from __future__ import annotations

import json
from functools import partial
from typing import Any

import pytest
import requests

from served_aws import Aws, eventually, item


def captured(aws: Aws, precision: str | None = "MICROSECOND", shards: int = 1) -> tuple[str, str]:
    """A table that a Kinesis stream captures: its name, the stream's ARN."""
    table, stream = aws.table(None), aws.kinesis_stream(shards)
    settings = {"ApproximateCreationDateTimePrecision": precision} if precision else {}
    aws.client("dynamodb").enable_kinesis_streaming_destination(
        TableName=table, StreamArn=stream, EnableKinesisStreamingConfiguration=settings
    )
    return table, stream


def documents(aws: Aws, stream: str) -> list[dict[str, Any]]:
    return [json.loads(record["Data"]) for record in aws.kinesis_records(stream)]


def set_disorder(aws: Aws, repeats: float, reorders: float) -> None:
    wanted = {"repeats": repeats, "reorders": reorders}
    requests.post(f"{aws.endpoint.url}/_local/capture", json=wanted, timeout=5).raise_for_status()


def test_a_record_has_the_shape_that_aws_gives_it(aws: Aws) -> None:
    table, stream = captured(aws)

    aws.client("dynamodb").put_item(TableName=table, Item=item("1", bytes={"B": b"foobar"}))

    (record,) = aws.kinesis_records(stream)
    document = json.loads(record["Data"])
    assert len(record["PartitionKey"]) == 32
    assert len(document.pop("eventID")) == 36
    assert len(str(document["dynamodb"].pop("ApproximateCreationDateTime"))) == 16
    assert document == {
        "awsRegion": "eu-west-1",
        "eventName": "INSERT",
        "userIdentity": None,
        "recordFormat": "application/json",
        "tableName": table,
        "dynamodb": {
            "Keys": item("1"),
            "NewImage": item("1", bytes={"B": "Zm9vYmFy"}),
            "SizeBytes": 31,
            "ApproximateCreationDateTimePrecision": "MICROSECOND",
        },
        "eventSource": "aws:dynamodb",
    }


def test_milliseconds_are_told_without_a_precision(aws: Aws) -> None:
    table, stream = captured(aws, "MILLISECOND")

    aws.client("dynamodb").put_item(TableName=table, Item=item("1"))

    change = documents(aws, stream)[0]["dynamodb"]
    assert len(str(change["ApproximateCreationDateTime"])) == 13
    assert "ApproximateCreationDateTimePrecision" not in change


def test_times_grow_strictly_however_fast_the_writes(aws: Aws) -> None:
    table, stream = captured(aws)
    for start in range(0, 100, 25):
        puts = [{"PutRequest": {"Item": item(str(number))}} for number in range(start, start + 25)]
        aws.client("dynamodb").batch_write_item(RequestItems={table: puts})

    times = [document["dynamodb"]["ApproximateCreationDateTime"] for document in documents(aws, stream)]

    assert len(times) == 100
    assert times == sorted(set(times))


def test_writes_that_change_nothing_are_not_captured(aws: Aws) -> None:
    table, stream = captured(aws)

    for _ in range(2):
        aws.client("dynamodb").put_item(TableName=table, Item=item("1"))

    assert len(documents(aws, stream)) == 1


def test_the_changes_of_an_item_share_a_partition_key(aws: Aws) -> None:
    table, stream = captured(aws, shards=4)
    for number in range(5):
        aws.client("dynamodb").put_item(TableName=table, Item=item("1", n={"N": str(number)}))

    keys = {record["PartitionKey"] for record in aws.kinesis_records(stream)}

    assert len(keys) == 1


LARGEST = 3584
"""KiB of a record of ChangeStream, as in template.yaml."""


def flags(count: int) -> dict[str, Any]:
    """An attribute of so many Booleans: a byte or two each in the table, fifteen in JSON."""
    return {"flags": {"L": [{"BOOL": True}] * count}}


def skipped(aws: Aws, table: str) -> int:
    """How many changes of a table were skipped."""
    status = requests.get(f"{aws.endpoint.url}/_local/status", timeout=5)
    return int(status.json()["skipped"].get(table, 0))


def test_a_change_whose_json_exceeds_the_record_limit_is_skipped_at_once_and_counted(aws: Aws) -> None:
    table, stream = captured(aws)
    put = partial(aws.client("dynamodb").put_item, TableName=table)

    put(Item=item("1", **flags(40_000)))
    put(Item=item("1", **flags(40_001)))  # both images exceed 1 MiB, and the item is far below 400 KB
    put(Item=item("2"))

    assert [each["dynamodb"]["Keys"] for each in documents(aws, stream)] == [item("1"), item("2")]
    assert skipped(aws, table) == 1


def test_a_stream_that_takes_larger_records_gets_larger_changes(aws: Aws) -> None:
    table, stream = captured(aws)
    aws.client("kinesis").update_max_record_size(StreamARN=stream, MaxRecordSizeInKiB=LARGEST)

    for count in (40_000, 40_001):
        aws.client("dynamodb").put_item(TableName=table, Item=item("1", **flags(count)))

    assert [each["eventName"] for each in documents(aws, stream)] == ["INSERT", "MODIFY"]
    assert skipped(aws, table) == 0


def test_destinations_are_enabled_described_updated_and_disabled(aws: Aws) -> None:
    (table, stream), dynamodb = captured(aws), aws.client("dynamodb")

    def described() -> tuple[str, str | None]:
        (found,) = dynamodb.describe_kinesis_streaming_destination(TableName=table)["KinesisDataStreamDestinations"]
        return found["DestinationStatus"], found.get("ApproximateCreationDateTimePrecision")

    enabled = described()
    with pytest.raises(dynamodb.exceptions.ClientError, match="must be DISABLED"):
        dynamodb.enable_kinesis_streaming_destination(TableName=table, StreamArn=stream)
    dynamodb.update_kinesis_streaming_destination(
        TableName=table,
        StreamArn=stream,
        UpdateKinesisStreamingConfiguration={"ApproximateCreationDateTimePrecision": "MILLISECOND"},
    )
    updated = described()
    dynamodb.disable_kinesis_streaming_destination(TableName=table, StreamArn=stream)
    dynamodb.put_item(TableName=table, Item=item("1"))

    assert enabled == ("ACTIVE", "MICROSECOND")
    assert updated == ("ACTIVE", "MILLISECOND")
    assert described()[0] == "DISABLED"
    assert documents(aws, stream) == []


def test_records_are_repeated_on_request(aws: Aws) -> None:
    table, stream = captured(aws)
    set_disorder(aws, repeats=100, reorders=0)

    aws.client("dynamodb").put_item(TableName=table, Item=item("1"))
    set_disorder(aws, repeats=0, reorders=0)

    first, second = documents(aws, stream)
    assert first == second


def test_records_are_delivered_out_of_order_on_request_and_none_is_kept(aws: Aws) -> None:
    table, stream = captured(aws)
    set_disorder(aws, repeats=0, reorders=40)

    for number in range(60):
        aws.client("dynamodb").put_item(TableName=table, Item=item(f"{number:02}"))
    set_disorder(aws, repeats=0, reorders=0)

    eventually(lambda: len(documents(aws, stream)) == 60)
    arrived = [document["dynamodb"]["Keys"]["task"]["S"] for document in documents(aws, stream)]
    times = {
        document["dynamodb"]["Keys"]["task"]["S"]: document["dynamodb"]["ApproximateCreationDateTime"]
        for document in documents(aws, stream)
    }
    assert arrived != sorted(arrived)
    assert sorted(times, key=times.__getitem__) == sorted(arrived)


def test_a_share_that_is_no_percentage_is_refused(aws: Aws) -> None:
    answer = requests.post(f"{aws.endpoint.url}/_local/capture", json={"repeats": 101}, timeout=5)

    assert answer.status_code == 400
    assert "101" in answer.json()["message"]
