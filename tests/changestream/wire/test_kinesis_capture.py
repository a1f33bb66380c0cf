from binascii import a2b_base64
from json import JSONDecodeError

import pytest
from hypothesis import given
from hypothesis import strategies as st

from builders import MOMENT, capture, kinesis_record, sequence_number, task
from changestream.core.batch import LONGEST_REASON
from changestream.core.change import ChangeKind
from changestream.core.errors import PoisonRecord
from changestream.core.position import ORIGIN, position_of
from changestream.wire.kinesis_capture import change, decode


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


@pytest.mark.parametrize("data", [b"", b"not json", b"[]", b"{}", b"\xff\xfe", b'{"dynamodb": null}', b'"text"'])
def test_what_is_not_a_captured_change_is_poison(data: bytes) -> None:
    with pytest.raises(PoisonRecord, match="not a change captured from DynamoDB"):
        change(kinesis_record(1, data))


def test_a_reason_is_short_however_long_the_record_is() -> None:
    (failure,) = decode([kinesis_record(1, b"\xff" * 100_000)], lambda _: True).poison

    assert failure.reason.startswith("not a change captured from DynamoDB: UnicodeDecodeError")
    assert len(failure.reason) <= LONGEST_REASON


@given(st.text("QUJDRA+/=\n -_é\x00", max_size=12))
def test_what_is_not_base64_to_the_letter_is_poison(text: str) -> None:
    record = kinesis_record(1, b"")
    record["kinesis"]["data"] = text

    with pytest.raises(PoisonRecord) as refused:
        change(record)

    assert is_base64(text) == isinstance(refused.value.__cause__, JSONDecodeError | UnicodeDecodeError)


def is_base64(text: str) -> bool:
    try:
        a2b_base64(text, strict_mode=True)
    except ValueError:
        return False
    return True
