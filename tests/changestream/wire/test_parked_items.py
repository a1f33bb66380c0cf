from typing import Any

import pytest

from builders import capture, function_arn, kinesis_record, table_record, task
from changestream.wire.kpl import MAGIC
from changestream.wire.parked_items import concern_of

Json = dict[str, Any]
MANIFEST = {"functionArn": f"{function_arn('consumer')}:live", "shardId": "shardId-1"}


def items(*records: Json) -> Any:
    return concern_of(MANIFEST, {"Records": list(records)}).items


def keyed(record: Json, partition_key: Any) -> Json:
    record["kinesis"]["partitionKey"] = partition_key
    return record


def test_a_function_is_one_under_whatever_alias() -> None:
    concern = concern_of(MANIFEST, None)

    assert (concern.function, concern.shard_id) == (function_arn("consumer"), "shardId-1")


def test_the_changes_of_an_item_concern_it_whichever_stream_they_are_from() -> None:
    one, other = task("task-1"), task("task-2")
    of_table, captured = items(table_record(1, one)), items(kinesis_record(2, capture(2, one, one)))

    assert of_table < captured
    assert items(table_record(3, old=one)) == of_table
    assert items(table_record(3, other)).isdisjoint(of_table)
    assert items(table_record(1, one), table_record(3, other)) == of_table | items(table_record(3, other))


@pytest.mark.parametrize("data", [b"{}", b"", b"\xff", b"[1]", b'{"dynamodb": 1}', b"[" * 100_000])
def test_a_record_of_kinesis_concerns_its_partition_key(data: bytes) -> None:
    found = [items(keyed(kinesis_record(1, data), key)) for key in ("a", "b")]

    assert found == [{"partition key a"}, {"partition key b"}]


@pytest.mark.parametrize(
    "record",
    [
        kinesis_record(1, MAGIC + b"x" * 40),
        keyed(kinesis_record(1, b"{}"), ""),
        keyed(kinesis_record(1, b"{}"), 5),
        {"kinesis": {"sequenceNumber": "1", "partitionKey": "a", "data": None}},
        {"dynamodb": {"SequenceNumber": "1", "Keys": {}}},
        {"dynamodb": {"SequenceNumber": "1", "Keys": "x"}},
        {"dynamodb": {"SequenceNumber": "1"}, "kinesis": "x"},
        {"dynamodb": "x", "kinesis": {"sequenceNumber": "1", "partitionKey": "a", "data": ""}},
        {"kinesis": "x"},
        {"kinesis": None},
        {},
    ],
)
def test_a_record_that_does_not_tell_may_concern_any_item(record: Json) -> None:
    assert items(table_record(1, task()), record) is None
