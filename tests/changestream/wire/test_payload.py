import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from builders import (
    CHANGE_SHARD,
    CHANGE_STREAM_ARN,
    TABLE_STREAM_ARN,
    failure_message,
    kinesis_record,
    sequence_number,
    table_record,
    task,
)
from changestream.core.failed_batch import Damaged, FailedBatch
from changestream.wire.failure_message import kept_batch

Json = dict[str, Any]
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=10,
)
OTHER_STREAM = TABLE_STREAM_ARN.replace("Tasks", "Elsewhere")
EVENT: Json = {"Records": [table_record(n, task(f"task-{n}")) for n in (5, 7, 9)]}


def batch_with(payload: Any, start: int = 5, batch_size: int = 3) -> FailedBatch:
    message = failure_message(sequence_number(start), sequence_number(9), batch_size=batch_size)
    return kept_batch(json.dumps(message | {"payload": payload}))


@pytest.mark.parametrize("form", [json.dumps, lambda event: event], ids=["text", "object"])
def test_the_records_come_out_of_the_payload_as_they_were_delivered(form: Callable[[Json], Any]) -> None:
    assert batch_with(form(EVENT)).payload == EVENT["Records"]


def kinesis_batch_with(records: list[Json]) -> FailedBatch:
    names = {"info": "KinesisBatchInfo", "stream_arn": CHANGE_STREAM_ARN, "shard_id": CHANGE_SHARD}
    message = failure_message(sequence_number(5), sequence_number(9), batch_size=2, **names)
    return kept_batch(json.dumps(message | {"payload": json.dumps({"Records": records})}))


KINESIS_RECORDS = [kinesis_record(n, b"{}") for n in (5, 9)]


def test_records_of_kinesis_come_out_too() -> None:
    assert kinesis_batch_with(KINESIS_RECORDS).payload == KINESIS_RECORDS


def test_records_that_a_registered_consumer_got_are_of_its_stream() -> None:
    records = [
        record | {"eventSourceARN": f"{CHANGE_STREAM_ARN}/consumer/search:1767225600"} for record in KINESIS_RECORDS
    ]

    assert kinesis_batch_with(records).payload == records


@pytest.mark.parametrize("event_id", [f"shardId-000000000001:{sequence_number(9)}", sequence_number(9), None, 9])
def test_a_record_of_another_shard_damages_the_payload(event_id: Any) -> None:
    found = kinesis_batch_with([KINESIS_RECORDS[0], KINESIS_RECORDS[1] | {"eventID": event_id}]).payload

    assert isinstance(found, Damaged)
    assert found.reason == f"the payload has a record of another shard than {CHANGE_SHARD}"


def test_the_rest_of_a_batch_is_cut_out_of_the_payload_of_the_whole() -> None:
    assert batch_with(EVENT, start=7, batch_size=2).payload == EVENT["Records"][1:]


@pytest.mark.parametrize("batch_size", [1, 3, 100])
def test_a_payload_from_the_first_to_the_last_record_is_whole_whatever_a_filter_made_of_the_count(
    batch_size: int,
) -> None:
    assert batch_with(EVENT, batch_size=batch_size).payload == EVENT["Records"]


@pytest.mark.parametrize(
    ("payload", "reason"),
    [
        ("{", "no event of a stream"),
        ("[" * 100_000, "no event of a stream"),
        (None, "no event of a stream"),
        (json.dumps(EVENT).replace("100.0", "NaN").replace('"SizeBytes": 100', '"SizeBytes": NaN'), "NaN is no JSON"),
        ({"Records": EVENT["Records"] * 4000}, "12000 records, and a batch 10000 at most"),
        ({"Records": [{}]}, "no event of a stream"),
        ({"Records": None}, "no event of a stream"),
        ({"Records": [kinesis_record(5, b"{}")]}, "a record is of kinesis, not of dynamodb"),
        ({"Records": [EVENT["Records"][0] | kinesis_record(5, b"{}")]}, "a record has dynamodb and kinesis"),
        ({"Records": [{"dynamodb": "x"}]}, "a record has dynamodb 'x', not an object"),
        ({"Records": ["x"]}, "neither dynamodb nor kinesis"),
        ({"Records": [EVENT["Records"][0] | {"eventSourceARN": OTHER_STREAM}]}, "a record of another stream"),
        ({"Records": [{"dynamodb": EVENT["Records"][0]["dynamodb"]}]}, "a record of another stream"),
        ({"Records": [EVENT["Records"][0] | {"eventSourceARN": 1}]}, "a record of another stream"),
        ({"Records": []}, "0 records of the batch's 3"),
        ({"Records": EVENT["Records"][:2]}, "2 records of the batch's 3"),
        ({"Records": EVENT["Records"][::-1]}, "not in order"),
        ({"Records": [EVENT["Records"][0]] * 3}, "not in order"),
    ],
)
def test_a_damaged_payload_is_told_from_a_whole_one(payload: Any, reason: str) -> None:
    found = batch_with(payload).payload

    assert isinstance(found, Damaged)
    assert reason in found.reason


@given(JSON | st.lists(JSON, max_size=3).map(lambda records: {"Records": records}))
def test_whatever_the_payload_is_the_batch_is_read(payload: Any) -> None:
    batch = batch_with(payload)

    assert batch.start.text == sequence_number(5)
    assert isinstance(batch.payload, Damaged)
