from typing import Any

import pytest

from builders import keys_of, task
from changestream.core.errors import PoisonRecord
from changestream.core.task import TaskStatus, is_task, task_from_image

NO_DATE = "not an ISO 8601 date that every view reads"


def test_a_task_is_read_with_all_its_attributes() -> None:
    image = task(status="done", dueDate={"S": "2026-02-01"}, expiresAt={"N": "1800000000"})

    read = task_from_image(image)

    assert (read.status, read.due_date, read.expires_at) == (TaskStatus.DONE, "2026-02-01", 1_800_000_000)


@pytest.mark.parametrize(
    ("attributes", "reason"),
    [
        ({"status": None}, "task without status"),
        ({"description": None}, "task without description"),
        ({"createdDate": None}, "task without createdDate"),
        ({"status": "finished"}, "task with status 'finished', not one of open, in_progress, done"),
        ({"status": {"N": "1"}}, "task with status of type 'N', not S"),
        ({"description": {"NULL": True}}, "task with description of type 'NULL', not S"),
        (
            {"createdDate": {"S": "yesterday"}},
            "task with createdDate 'yesterday', not an ISO 8601 date that every view reads",
        ),
        ({"dueDate": {"S": "soon"}}, "task with dueDate 'soon', not an ISO 8601 date that every view reads"),
        ({"expiresAt": {"S": "1800000000"}}, "task with expiresAt of type 'S', not N"),
        ({"expiresAt": {"N": "1.5"}}, "task with expiresAt '1.5', not a whole number that every view takes"),
    ],
)
def test_a_malformed_task_is_poison_and_the_reason_names_the_attribute(attributes: Any, reason: str) -> None:
    with pytest.raises(PoisonRecord) as caught:
        task_from_image(task(**attributes))

    assert caught.value.reason == reason


def test_only_items_whose_id_says_so_are_tasks() -> None:
    assert is_task(keys_of(task("task-1")))
    assert not is_task(keys_of(task("settings")))
    assert not is_task({"listId": {"S": "list-1"}, "taskId": {"N": "1"}})
