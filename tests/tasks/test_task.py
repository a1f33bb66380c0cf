from datetime import datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from attribute_values import DATES
from builders import keys_of, table_record, task
from changestream.core.errors import PoisonRecord
from changestream.wire.table_stream import change
from local_aws.search.mappings import FieldMappings
from tasks.search_document import SHAPE, document_of
from tasks.task import TaskStatus, is_task, task_after, task_from_image

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


@given(st.dates().map(str) | st.datetimes().map(datetime.isoformat) | st.sampled_from(DATES))
def test_a_date_that_the_rule_takes_is_one_that_the_index_takes(text: str) -> None:
    try:
        read = task_from_image(task(createdDate={"S": text}, dueDate={"S": text[:10]}))
    except PoisonRecord:
        return

    FieldMappings(dict(SHAPE.mapping())).checked("1", dict(document_of(read)))


@pytest.mark.parametrize(
    "text", ["2026-11-21 06:00:00", "20261121", "2026-W47-6", "2026-11-21T06:00:00+18:30", "٢٠٢٦-11-21"]
)
def test_a_date_that_only_python_reads_is_malformed(text: str) -> None:
    with pytest.raises(PoisonRecord, match="not an ISO 8601 date that every view reads"):
        task_from_image(task(createdDate={"S": text}))
    with pytest.raises(PoisonRecord, match="not an ISO 8601 date that every view reads"):
        task_from_image(task(dueDate={"S": text}))


@pytest.mark.parametrize("name", ["expiresAt", "version"])
@pytest.mark.parametrize("text", ["-1", "1.5", "1E3", "9" * 20, "١٢", ""])
def test_a_number_that_some_view_does_not_take_is_malformed(name: str, text: str) -> None:
    with pytest.raises(PoisonRecord, match="not a whole number that every view takes"):
        task_from_image(task() | {name: {"N": text}})


def test_a_task_whose_key_dynamodb_does_not_take_is_poison() -> None:
    with pytest.raises(PoisonRecord, match="taskId has more than 1,024 bytes"):
        is_task(keys_of(task(f"task-{'x' * 1020}")))


def test_an_image_that_is_not_the_item_of_the_keys_is_poison() -> None:
    record = table_record(1, new=task("task-1"))
    record["dynamodb"]["Keys"] = keys_of(task("task-2"))

    with pytest.raises(PoisonRecord, match="not the item that the keys name"):
        task_after(change(record))
