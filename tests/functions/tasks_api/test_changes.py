from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from http import HTTPStatus
from time import time
from typing import Any

import pytest

from changestream.aws.clients import client
from functions.tasks_api.api_requests import Api
from invocations import CountedCalls
from new_task import new_item
from problems import Problem
from store import TaskStore
from tasks.task import task_from_image

TASK = "/lists/groceries/tasks/task-1"


def test_a_created_task_is_one_that_every_consumer_accepts(api: Api) -> None:
    created = api.create(dueDate="2026-12-24")

    task = task_from_image(api.item(created.json["taskId"]))
    assert (task.description, task.status, task.due_date) == ("Buy milk", "open", "2026-12-24")
    assert created.headers["Location"] == f"tasks/{task.task_id}"
    assert api("GET", f"/lists/groceries/tasks/{task.task_id}").json == created.json


def test_tasks_are_listed_in_the_order_of_their_creation_page_by_page(api: Api) -> None:
    made = [api.create(description=f"errand {n}").json["taskId"] for n in range(5)]
    listed, cursor = list[str](), ""

    while cursor is not None:
        page = api("GET", f"/lists/groceries/tasks?limit=2{cursor}").json
        listed += [task["taskId"] for task in page["tasks"]]
        cursor = page["nextCursor"] and f"&cursor={page['nextCursor']}"

    assert listed == sorted(made)
    assert [milliseconds(each) for each in made] == sorted(milliseconds(each) for each in made)


def milliseconds(task_id: str) -> str:
    """When a task was created, as its id has it."""
    return task_id[: len("task-") + 12]


def test_a_repeat_with_the_same_idempotency_key_creates_nothing_new(api: Api) -> None:
    document = {"description": "Buy milk"}
    first = api("POST", "/lists/groceries/tasks", document, Idempotency_Key="key-1")
    api("POST", f"/lists/groceries/tasks/{first.json['taskId']}/complete")

    repeated = api("POST", "/lists/groceries/tasks", document, Idempotency_Key="key-1")
    elsewhere = api("POST", "/lists/chores/tasks", document, Idempotency_Key="key-1")

    assert (repeated.status, repeated.json["taskId"], repeated.json["status"]) == (201, first.json["taskId"], "done")
    assert elsewhere.json["taskId"] != first.json["taskId"]


def test_a_repeat_that_finds_its_task_malformed_says_so(api: Api) -> None:
    document = {"description": "Buy milk"}
    created = api("POST", "/lists/groceries/tasks", document, Idempotency_Key="key-1")
    api.put(**api.item(created.json["taskId"]) | {"status": {"S": "?"}})

    repeated = api("POST", "/lists/groceries/tasks", document, Idempotency_Key="key-1")

    assert (repeated.status, repeated.json["type"]) == (409, "urn:changestream:problem:malformed-task")


def test_an_idempotency_key_with_another_body_is_refused(api: Api) -> None:
    api("POST", "/lists/groceries/tasks", {"description": "Buy milk"}, Idempotency_Key="key-1")

    refused = api("POST", "/lists/groceries/tasks", {"description": "Buy bread"}, Idempotency_Key="key-1")

    assert (refused.status, refused.json["type"]) == (422, "urn:changestream:problem:idempotency-key-reused")


def test_a_change_needs_to_say_which_version_it_is_based_on(api: Api) -> None:
    api.put()

    assert api("PATCH", TASK, {"status": "done"}).status == 428


def test_a_change_is_made_to_the_fields_it_names_and_makes_a_new_version(api: Api) -> None:
    created = api.create(dueDate="2026-12-24")
    path = f"/lists/groceries/tasks/{created.json['taskId']}"

    changed = api("PATCH", path, {"description": "Buy oat milk", "dueDate": None}, If_Match=created.etag)

    assert changed.status == 200
    expected = {"description": "Buy oat milk", "dueDate": None, "version": 2}
    assert changed.json == created.json | expected
    assert changed.etag != created.etag


def test_a_change_based_on_an_old_version_changes_nothing(api: Api) -> None:
    created = api.create()
    path = f"/lists/groceries/tasks/{created.json['taskId']}"
    current = api("PATCH", path, {"status": "in_progress"}, If_Match=created.etag)

    lost = api("PATCH", path, {"status": "done"}, If_Match=created.etag)

    assert (lost.status, lost.etag) == (412, current.etag)
    assert api("GET", path).json["status"] == "in_progress"


def test_a_change_whose_answer_was_lost_may_be_sent_again(api: Api) -> None:
    created = api.create()
    path = f"/lists/groceries/tasks/{created.json['taskId']}"
    first = api("PATCH", path, {"status": "done"}, If_Match=created.etag)

    again = api("PATCH", path, {"status": "done"}, If_Match=created.etag)

    assert (again.status, again.etag) == (200, first.etag)


def test_of_changes_that_race_from_one_version_one_is_made(api: Api) -> None:
    api.put()
    store = TaskStore(client("dynamodb"), api.tasks_table)

    def change(number: int) -> str | HTTPStatus:
        try:
            return str(store.update(("groceries", "task-1"), {"description": f"by {number}"}, 0)["description"]["S"])
        except Problem as problem:
            return problem.status

    with ThreadPoolExecutor(8) as racers:
        outcomes = list(racers.map(change, range(8)))

    assert outcomes.count(HTTPStatus.PRECONDITION_FAILED) == 7
    assert api.item("task-1")["description"]["S"] in outcomes


def test_a_creation_that_the_sdk_sends_twice_is_one(api: Api) -> None:
    store = TaskStore(client("dynamodb"), api.tasks_table)
    item = new_item("groceries", {"description": "Buy milk", "status": "open", "dueDate": None}, None)

    assert store.create(item) == store.create(item) == api.item(item["taskId"]["S"])


def test_a_task_written_past_the_api_can_be_changed_under_its_etag(api: Api) -> None:
    api.put()
    etag = api("GET", TASK).etag

    assert api("PATCH", TASK, {"status": "done"}, If_Match=etag).json["version"] == 1
    assert api("PATCH", TASK, {"status": "open"}, If_Match=etag).status == 412
    assert api("PATCH", TASK, {"status": "open"}, If_Match="*").status == 200


def test_completing_twice_is_completing_once(api: Api) -> None:
    created = api.create()
    path = f"/lists/groceries/tasks/{created.json['taskId']}/complete"

    first, second = api("POST", path, If_Match=created.etag), api("POST", path, If_Match=created.etag)

    assert (first.status, first.json["status"], first.json["version"]) == (200, "done", 2)
    assert second.json == first.json


def test_completing_an_older_version_is_refused(api: Api) -> None:
    created = api.create()
    path = f"/lists/groceries/tasks/{created.json['taskId']}"
    api("PATCH", path, {"description": "Buy bread"}, If_Match=created.etag)

    assert api("POST", f"{path}/complete", If_Match=created.etag).status == 412


def test_an_archived_task_expires_and_is_gone_from_the_api_at_once(api: Api) -> None:
    created = api.create()
    path = f"/lists/groceries/tasks/{created.json['taskId']}"

    archived, again = api("POST", f"{path}/archive"), api("POST", f"{path}/archive")

    assert archived.status == again.status == 200
    expires_at = task_from_image(api.item(created.json["taskId"])).expires_at
    assert expires_at == archived.json["expiresAt"]
    assert expires_at is not None
    assert expires_at <= time()
    assert api("GET", path).status == 404
    assert api("PATCH", path, {"status": "done"}, If_Match="*").status == 404
    assert api("GET", "/lists/groceries/tasks").json["tasks"] == []


@pytest.mark.parametrize("if_match", [{}, {"If_Match": "*"}, {"If_Match": '"1"'}, {"If_Match": '"2"'}])
def test_deleting_an_archived_task_leaves_it_to_its_time_to_live(api: Api, if_match: dict[str, str]) -> None:
    task_id = api.create().json["taskId"]
    api("POST", f"/lists/groceries/tasks/{task_id}/archive")

    deleted = api("DELETE", f"/lists/groceries/tasks/{task_id}", **if_match)

    assert deleted.status == 204
    assert api.item(task_id)


def test_deleting_twice_is_deleting_once(api: Api) -> None:
    created = api.create()
    path = f"/lists/groceries/tasks/{created.json['taskId']}"

    assert [api("DELETE", path).status for _ in range(2)] == [204, 204]
    assert api("GET", path).status == 404


def test_a_task_that_has_changed_is_not_deleted_by_its_old_version(api: Api) -> None:
    created = api.create()
    path = f"/lists/groceries/tasks/{created.json['taskId']}"
    changed = api("POST", f"{path}/complete")

    assert api("DELETE", path, If_Match=created.etag).status == 412
    assert api("DELETE", path, If_Match=changed.etag).status == 204


def test_items_that_are_no_tasks_are_neither_shown_nor_touched(api: Api) -> None:
    api.put(taskId={"S": "settings"})
    api.put()

    assert [task["taskId"] for task in api("GET", "/lists/groceries/tasks").json["tasks"]] == ["task-1"]
    for method in ("GET", "DELETE"):
        assert api(method, "/lists/groceries/tasks/settings").status == 400
    assert api.item("settings")


@pytest.mark.parametrize(
    "defect", [{"status": None}, {"status": {"S": "?"}}, {"description": {"N": "1"}}, {"expiresAt": {"S": "1"}}]
)
def test_a_malformed_task_can_only_be_deleted(api: Api, defect: dict[str, Any]) -> None:
    api.put(**defect)
    before = api.item("task-1")

    statuses = [api("GET", TASK).status, api("PATCH", TASK, {"description": "x"}, If_Match="*").status]
    left, deleted = api.item("task-1"), api("DELETE", TASK)

    assert statuses == [409, 409]
    assert left == before
    assert (deleted.status, api.item("task-1")) == (204, {})


def test_a_date_that_is_none_is_a_conflict_too(api: Api) -> None:
    api.put(createdDate={"S": "yesterday"})

    assert [api("GET", TASK).status, api("POST", f"{TASK}/complete").status] == [409, 409]


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [("GET", TASK, None), ("POST", "/lists/groceries/tasks", {"description": "x"}), ("DELETE", TASK, None)],
)
def test_a_table_that_refuses_is_answered_with_when_to_come_back(
    api: Api, refuse: Callable[..., None], method: str, path: str, body: Any
) -> None:
    refuse(service="dynamodb", resource=api.tasks_table, error="ProvisionedThroughputExceededException")

    refused = api(method, path, body)

    assert (refused.status, refused.headers["Retry-After"]) == (503, "2")
    assert api.tasks_table not in refused.text


def test_every_change_is_one_call(api: Api) -> None:
    created = api.create()
    path = f"/lists/groceries/tasks/{created.json['taskId']}"
    calls = CountedCalls(client("dynamodb"))

    api("PATCH", path, {"status": "done"}, If_Match=created.etag)
    api("PATCH", path, {"status": "open"}, If_Match=created.etag)
    api("POST", f"{path}/archive")
    api("DELETE", path)

    assert calls.by_operation == {"UpdateItem": 3, "DeleteItem": 1}
