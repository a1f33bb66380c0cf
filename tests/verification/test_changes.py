"""What a consumer was given: each change once, without what its filter keeps back."""

import json
from typing import Any

from consumers.kinds import Feed, Kind
from consumers.reading import Consumer
from verification.changes import given


def record(number: int, status: str, task_id: str = "task-milk") -> dict[str, Any]:
    keys = {"listId": {"S": "home"}, "taskId": {"S": task_id}}
    body = {"Keys": keys, "NewImage": keys | {"status": {"S": status}}, "SequenceNumber": str(number)}
    return {
        "eventID": f"event-{number}",
        "eventName": "INSERT",
        "eventSource": "aws:dynamodb",
        "eventSourceARN": "arn:aws:dynamodb:eu-west-1:123456789012:table/Tasks/stream/2026-01-01T00:00:00.000",
        "dynamodb": body | {"ApproximateCreationDateTime": 1767225600.0},
    }


def consumer(*patterns: object) -> Consumer:
    filters = [{"Pattern": json.dumps(pattern)} for pattern in patterns]
    request = {"FilterCriteria": {"Filters": filters}} if filters else {}
    return Consumer("flag_overdue", "F", "E", Kind.NEWEST, Feed.TABLE, request, "T", "", None, {})


def is_task(keys: Any) -> bool:
    return bool(keys["taskId"]["S"].startswith("task-"))


def test_a_record_that_comes_twice_is_one_change() -> None:
    (one,) = given(consumer(), [record(5, "open"), record(5, "open")], is_task)

    assert (one.position, one.numbers, one.is_removal) == (5, ["5", "5"], False)
    assert one.keys == {"listId": "home", "taskId": "task-milk"}


def test_a_record_that_the_filter_keeps_back_is_not_given() -> None:
    done = {"dynamodb": {"NewImage": {"status": {"S": ["done"]}}}}

    found = given(consumer(done), [record(5, "open"), record(6, "done")], is_task)

    assert [one.position for one in found] == [6]


def test_an_item_that_consumers_pass_over_is_not_given() -> None:
    assert given(consumer(), [record(5, "open", "settings")], is_task) == []
