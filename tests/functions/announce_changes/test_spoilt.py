"""Changes that no task makes, and that come all the same."""

from typing import Any

import pytest

from builders import capture, kinesis_record, sequence_number, task
from functions.announce_changes.conftest import Announcements
from invocations import stops_at


@pytest.mark.parametrize(
    "images",
    [
        {"NewImage": "1_0"},
        {"NewImage": task(), "OldImage": ["x"]},
        {"NewImage": task() | {"status": ["open"]}},
        {"NewImage": task(), "Keys": {"listId": {"S": "list-\ud800"}, "taskId": {"S": "task-bad"}}},
    ],
    ids=["a text for an image", "a list for an image", "a list for a status", "a key that is no Unicode text"],
)
def test_an_image_that_is_none_fails_alone_and_what_came_before_it_is_announced(
    announcements: Announcements, images: dict[str, Any]
) -> None:
    captured = capture(20, new=task("task-bad"), tableName=announcements.tasks_table)
    captured["eventName"] = "MODIFY" if "OldImage" in images else "INSERT"
    captured["dynamodb"] |= images

    response = announcements.deliver(announcements.record(1, at=10, new=task()), kinesis_record(2, captured))

    assert (stops_at(response), response["failure"]["kind"]) == (sequence_number(2), "poison")
    assert announcements.transitions() == [("task-1", None, "open")]
