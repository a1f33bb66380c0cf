"""What a stream carries, read from its records: each change once; and what of that a consumer was given."""

import json
from base64 import b64encode
from typing import Any

from consumers.kinds import Feed, Kind
from consumers.reading import Consumer
from verification.changes import Given, changes_in, delivered, stream_differences

TTL = {"principalId": "dynamodb.amazonaws.com", "type": "Service"}


def body(status: str | None, old: str | None, task_id: str) -> dict[str, Any]:
    keys = {"listId": {"S": "home"}, "taskId": {"S": task_id}}
    images = {name: keys | {"status": {"S": text}} for name, text in (("OldImage", old), ("NewImage", status)) if text}
    return {"Keys": keys} | images


def record(number: int, status: str | None, task_id: str = "task-milk", old: str | None = None) -> dict[str, Any]:
    """A record of the table's stream."""
    return {
        "eventID": f"event-{number}",
        "eventName": "INSERT",
        "eventSource": "aws:dynamodb",
        "dynamodb": body(status, old, task_id) | {"SequenceNumber": str(number)},
    } | ({} if status else {"userIdentity": TTL})


def captured(number: int, moment: int, status: str | None, old: str | None = None) -> dict[str, Any]:
    """A record of the stream that the table is captured into."""
    change = {"dynamodb": body(status, old, "task-milk") | {"ApproximateCreationDateTime": moment}}
    change |= {} if status else {"userIdentity": TTL}
    return {"kinesis": {"sequenceNumber": str(number), "data": b64encode(json.dumps(change).encode()).decode()}}


def consumer(*patterns: object) -> Consumer:
    filters = [{"Pattern": json.dumps(pattern)} for pattern in patterns]
    request = {"FilterCriteria": {"Filters": filters}} if filters else {}
    return Consumer("flag_overdue", "F", "E", Kind.NEWEST, Feed.TABLE, request, "T", "", None, {})


def is_task(keys: Any) -> bool:
    return bool(keys["taskId"]["S"].startswith("task-"))


def given(*records: dict[str, Any]) -> list[Given]:
    return changes_in(records, is_task)


def test_a_record_that_comes_twice_is_one_change() -> None:
    (one,) = given(captured(5, 1000, "open"), captured(6, 1000, "open"))

    assert (one.position, one.numbers, one.is_removal) == (1000, ["5", "6"], False)
    assert one.keys == {"listId": "home", "taskId": "task-milk"}


def test_two_changes_of_an_item_at_the_same_time_are_told_apart_by_their_images() -> None:
    first, second = given(captured(5, 1000, "open"), captured(6, 1000, "done", "open"))

    assert (first.kind, second.kind) == ("INSERT", "MODIFY")


def test_a_deletion_by_time_to_live_is_told_from_others() -> None:
    (one,) = given(record(5, None, old="open"))

    assert (one.kind, one.by_ttl, one.is_removal) == ("REMOVE", True, True)


def test_a_record_that_the_filter_keeps_back_is_not_given() -> None:
    done = {"dynamodb": {"NewImage": {"status": {"S": ["done"]}}}}

    found = delivered(consumer(done), given(record(5, "open"), record(6, "done")))

    assert [one.position for one in found] == [6]


def test_an_item_that_consumers_pass_over_is_not_given() -> None:
    assert given(record(5, "open", "settings")) == []


def test_a_capture_that_repeats_and_reorders_carries_the_same_changes() -> None:
    of_table = given(record(5, "open"), record(6, "done", old="open"))

    assert [*stream_differences(of_table, given(captured(1, 20, "done", "open"), captured(2, 10, "open")))] == []


def test_a_capture_that_lacks_a_change_is_reported() -> None:
    of_table = given(record(5, "open"), record(6, "done", old="open"))

    (difference,) = stream_differences(of_table, given(captured(1, 20, "done", "open")))

    assert "task-milk" in difference
