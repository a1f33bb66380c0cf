import pytest

from builders import TIME_TO_LIVE, sequence_number, table_record, task
from changestream.core.change import ChangeKind
from changestream.core.errors import PoisonRecord
from changestream.core.position import ORIGIN, position_of
from changestream.wire.table_stream import change


def test_a_record_becomes_a_change_positioned_by_its_sequence_number() -> None:
    decoded = change(table_record(7, new=task(status="done"), old=task()))

    assert decoded.kind is ChangeKind.MODIFY
    assert decoded.position == position_of(int(sequence_number(7)))
    assert decoded.item == (("listId", "list-1"), ("taskId", "task-1"))
    assert decoded.table == "Tasks"


def test_a_record_of_the_time_0_is_that_of_a_backfill_and_comes_before_every_other_whatever_its_number() -> None:
    record = table_record(7, new=task())
    record["dynamodb"]["ApproximateCreationDateTime"] = 0.0

    assert change(record).position == ORIGIN
    assert change(record).sequence_number == sequence_number(7)


def test_a_deletion_by_time_to_live_is_told_from_one_by_a_caller() -> None:
    assert change(table_record(1, old=task(), identity=TIME_TO_LIVE)).by_time_to_live
    assert not change(table_record(1, old=task())).by_time_to_live
    assert not change(table_record(1, old=task(), identity={"type": "Root", "principalId": "1"})).by_time_to_live


@pytest.mark.parametrize(("part", "missing"), [("dynamodb", "Keys"), (None, "eventName"), (None, "dynamodb")])
def test_a_record_without_its_keys_or_its_event_name_is_poison(part: str | None, missing: str) -> None:
    record = table_record(1, new=task())
    del (record[part] if part else record)[missing]

    with pytest.raises(PoisonRecord, match=missing):
        change(record)


def test_a_record_without_its_time_is_a_change_at_its_sequence_number() -> None:
    record = table_record(7, new=task())
    del record["dynamodb"]["ApproximateCreationDateTime"]
    del record["eventID"]

    decoded = change(record)

    assert decoded.position == position_of(int(sequence_number(7)))
    assert decoded.time is None
    with pytest.raises(PoisonRecord, match="carries no time"):
        _ = decoded.occurred_at


@pytest.mark.parametrize("time", ["1", float("nan"), float("inf"), -1.0, 1e18, True])
def test_a_time_that_is_not_one_is_poison(time: object) -> None:
    record = table_record(7, new=task())
    record["dynamodb"]["ApproximateCreationDateTime"] = time

    with pytest.raises(PoisonRecord, match="not a time in epoch seconds"):
        change(record)
