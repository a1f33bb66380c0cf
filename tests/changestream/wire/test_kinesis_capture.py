import json
from binascii import a2b_base64
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from builders import MOMENT, TABLE, capture, kinesis_record, sequence_number, task
from changestream.core.batch import LONGEST_REASON, FailureKind
from changestream.core.change import ChangeKind
from changestream.core.errors import PoisonRecord
from changestream.core.position import ORIGIN, position_of
from changestream.wire.kinesis_capture import change, decode
from mutations import nested
from tasks.task import is_task


def test_a_captured_change_is_positioned_by_its_time_and_named_by_its_record() -> None:
    decoded = change(kinesis_record(3, capture(250, new=task())))

    assert decoded.kind is ChangeKind.INSERT
    assert decoded.position == position_of(MOMENT * 1_000_000 + 250)
    assert decoded.sequence_number == sequence_number(3)
    assert decoded.occurred_at == pytest.approx(MOMENT + 0.00025)


def test_a_time_in_milliseconds_is_refused_because_two_changes_could_share_it() -> None:
    captured = capture(0, new=task())
    captured["dynamodb"]["ApproximateCreationDateTime"] = MOMENT * 1000

    with pytest.raises(PoisonRecord, match="set the table's ApproximateCreationDateTimePrecision to MICROSECOND"):
        change(kinesis_record(1, captured))


def test_a_change_of_the_time_0_is_that_of_a_backfill_and_comes_before_every_other() -> None:
    captured = capture(0, new=task())
    captured["dynamodb"]["ApproximateCreationDateTime"] = 0

    assert change(kinesis_record(1, captured)).position == ORIGIN


@pytest.mark.parametrize(
    "data", [b"", b"not json", b"[]", b"\xff\xfe", b'{"dynamodb": null}', b'"text"', b"[" * 100_000, b"9" * 5000]
)
def test_data_that_is_not_a_captured_change_is_poison(data: bytes) -> None:
    batch = decode([kinesis_record(1, data)], everything, TABLE)

    assert [failure.kind for failure in batch.failures] == [FailureKind.POISON]
    assert "captured" in batch.failures[0].reason


OF_ANOTHER_TABLE = {
    "tableName": "SomebodyElsesTable",
    "eventSource": "aws:dynamodb",
    "recordFormat": "application/json",
}


@pytest.mark.parametrize(
    "captured",
    [
        capture(1, new=task(), tableName="SomebodyElsesTable"),
        OF_ANOTHER_TABLE,
        OF_ANOTHER_TABLE | {"dynamodb": None},
        OF_ANOTHER_TABLE | {"dynamodb": {"ApproximateCreationDateTime": 1731924555370, "Keys": {"id": {"S": "a"}}}},
        OF_ANOTHER_TABLE | {"dynamodb": {"Keys": {"id": {"N": "NaN"}}}, "eventName": "?", "recordFormat": "x"},
        OF_ANOTHER_TABLE | {"eventSource": "aws:somewhere"},
        OF_ANOTHER_TABLE | {"dynamodb": {"NewImage": nested(300, "attribute")}},
        {"orderId": 7},
        {},
        {"tableName": 7},
        {"tableName": {"schema": "a"}, "type": "x"},
        {"tableName": None},
        b'{"tableName": "SomebodyElsesTable", "dynamodb": {"SizeBytes": ' + b"9" * 5000 + b"}}",
        b'{"orderId": -' + b"9" * 5000 + b"}",
        b'\xef\xbb\xbf{"tableName": "SomebodyElsesTable", "dynamodb": {}}',
        b'\xef\xbb\xbf{"orderId": 7}',
    ],
)
def test_a_record_that_says_it_is_not_the_tables_is_passed_over_whatever_its_shape(
    captured: dict[str, Any] | bytes,
) -> None:
    batch = decode([kinesis_record(1, captured), kinesis_record(2, capture(1, new=task()))], everything, TABLE)

    assert (batch.failures, batch.passed_over, len(batch.changes)) == ([], 1, 1)


def test_an_item_that_is_not_selected_is_passed_over_before_anything_else_of_it_is_looked_at() -> None:
    captured = capture(0, new=task("settings", note={"N": "NaN"}), eventName="?")
    captured["dynamodb"]["ApproximateCreationDateTime"] = MOMENT * 1000

    assert decode([kinesis_record(1, captured)], is_task, TABLE).passed_over == 1


@pytest.mark.parametrize(
    ("part", "damage"),
    [
        (None, {"tableName": 5}),
        (None, {"tableName": {}, "dynamodb": None}),
        (None, {"eventName": "UPSERT"}),
        (None, {"eventName": []}),
        (None, {"eventID": 5}),
        (None, {"dynamodb": None}),
        ("dynamodb", {"Keys": {}}),
        ("dynamodb", {"Keys": {"listId": {"S": ""}, "taskId": {"S": "task-1"}}}),
        ("dynamodb", {"ApproximateCreationDateTime": None}),
        ("dynamodb", {"ApproximateCreationDateTime": MOMENT * 1000}),
        ("dynamodb", {"ApproximateCreationDateTime": "1767225600000000"}),
        ("dynamodb", {"ApproximateCreationDateTime": 10**18}),
        ("dynamodb", {"ApproximateCreationDateTime": float("nan")}),
        ("dynamodb", {"NewImage": task(note=nested(250, "attribute"))}),
        ("dynamodb", {"OldImage": None}),
    ],
)
def test_a_damaged_record_of_the_table_is_poison_alone(part: str | None, damage: dict[str, Any]) -> None:
    captured = capture(1, new=task(), old=task())
    (captured[part] if part else captured).update(damage)
    good = [kinesis_record(n, capture(n, new=task(f"task-{n}"))) for n in (1, 3)]

    batch = decode([good[0], kinesis_record(2, captured), good[1]], is_task, TABLE)

    assert [(failure.sequence_number, failure.kind) for failure in batch.failures] == [(sequence_number(2), "poison")]
    assert len(batch.changes) == 2


@pytest.mark.parametrize("digits", ["9" * 700, "-" + "9" * 5000])
def test_a_time_of_more_digits_than_an_integer_may_have_is_poison(digits: str) -> None:
    text = json.dumps(capture(0, new=task()))
    time = json.dumps(capture(0, new=task())["dynamodb"]["ApproximateCreationDateTime"])

    with pytest.raises(PoisonRecord, match="not a time"):
        change(kinesis_record(1, text.replace(time, digits).encode()))


def test_a_record_without_its_time_is_poison_with_a_reason_that_says_so() -> None:
    captured = capture(1, new=task())
    del captured["dynamodb"]["ApproximateCreationDateTime"]

    with pytest.raises(PoisonRecord, match="without ApproximateCreationDateTime, which is its position"):
        change(kinesis_record(1, captured))


def everything(_: object) -> bool:
    return True


def test_a_reason_is_short_however_long_the_record_is() -> None:
    (failure,) = decode([kinesis_record(1, b"\xff" * 100_000)], everything, TABLE).failures

    assert failure.reason.startswith("not a change captured from DynamoDB: 'utf-8' codec")
    assert len(failure.reason) <= LONGEST_REASON


@given(st.text("QUJDRA+/=\n -_é\x00", max_size=12))
def test_what_is_not_base64_to_the_letter_is_poison(text: str) -> None:
    record = kinesis_record(1, b"")
    record["kinesis"]["data"] = text

    with pytest.raises(PoisonRecord) as refused:
        change(record)

    assert is_base64(text) == ("codec" in refused.value.reason or "line 1" in refused.value.reason)


def is_base64(text: str) -> bool:
    try:
        a2b_base64(text, strict_mode=True)
    except ValueError:
        return False
    return True
