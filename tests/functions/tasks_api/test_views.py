import socket
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest

import search
from builders import REGION, TABLE, capture, kinesis_record, task
from changestream.aws.search_bulk import DocumentWrite
from changestream.aws.search_index import SearchIndex
from changestream.aws.signed_http import ATTEMPTS, CONNECT_TIMEOUT_SECONDS
from changestream.core.deadline import Deadline
from functions.count_tasks import app as count_tasks
from functions.record_history import app as record_history
from functions.tasks_api.api_requests import Api, Json
from invocations import Context
from tasks.search_document import SHAPE, document_id, document_of
from tasks.task import task_from_image
from template.application import application

HISTORY = "/lists/list-1/tasks/task-1/history"


@pytest.fixture
def recorded(api: Api, monkeypatch: pytest.MonkeyPatch) -> list[Json]:
    """Three changes of a task, as record_history has recorded them."""
    monkeypatch.setenv("TASKS_TABLE", TABLE)
    opened, done = task(count={"N": "1"}, photo={"B": "Zm9v"}, tags={"SS": ["a"]}), task(status="done")
    changes = [capture(1, new=opened), capture(2, new=done, old=opened), capture(3, old=done)]
    record_history.consumer.cache_clear()
    record_history.lambda_handler(
        {"Records": [kinesis_record(n, change) for n, change in enumerate(changes)]}, Context()
    )
    record_history.consumer.cache_clear()
    return changes


def test_a_history_is_told_from_the_newest_revision_back_page_by_page(api: Api, recorded: list[Json]) -> None:
    told, cursor = list[Any](), ""

    while cursor is not None:
        page = api("GET", f"{HISTORY}?limit=2{cursor}").json
        told += page["revisions"]
        cursor = page["nextCursor"] and f"&cursor={page['nextCursor']}"

    assert [(each["kind"], (each["after"] or {}).get("status")) for each in told] == [
        ("REMOVE", None),
        ("MODIFY", "done"),
        ("INSERT", "open"),
    ]
    first = told[-1]["after"]
    assert (first["count"], first["photo"], first["tags"]) == (1, "Zm9v", ["a"])


def test_a_cursor_of_one_listing_is_refused_by_another(api: Api, recorded: list[Json]) -> None:
    cursor = api("GET", f"{HISTORY}?limit=1").json["nextCursor"]

    for path in ("/lists/list-1/tasks/task-2/history", "/lists/list-1/tasks"):
        refused = api("GET", f"{path}?cursor={cursor}")
        assert (refused.status, refused.json["errors"][0]["name"]) == (400, "cursor")


def test_counts_are_those_of_count_tasks(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    row = {"listId": {"S": "list-1"}, "taskId": {"S": count_tasks.TOTALS_ID}, "total": {"N": "3"}, "done": {"N": "3"}}
    api.client.put_item(TableName=api.counts_table, Item=row)

    counts = api("GET", "/lists/list-1/counts").json

    assert counts == {"listId": "list-1", "total": 3, "byStatus": {"open": 0, "in_progress": 0, "done": 3}}


def test_a_list_that_nobody_has_counted_has_no_tasks(api: Api) -> None:
    assert api("GET", "/lists/nowhere/counts").json["total"] == 0


def test_tasks_are_found_by_words_of_their_descriptions_page_by_page(
    api: Api, endpoint: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    alias = f"tasks-{uuid4().hex[:8]}"
    settings = {"SEARCH_ENDPOINT": f"{endpoint}/_opensearch", "SEARCH_INDEX": alias, "AWS_REGION": REGION}
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    tasks = [task(f"task-{n}", description={"S": f"buy thing {n}"}) for n in range(3)]
    tasks.append(task("task-archived", description={"S": "buy nothing"}, expiresAt={"N": "1000000000"}))
    keys = ({name: each[name] for name in ("listId", "taskId")} for each in tasks)
    writes = [
        DocumentWrite(document_id(key), 1, document_of(task_from_image(each)))
        for key, each in zip(keys, tasks, strict=True)
    ]
    SearchIndex(f"{endpoint}/_opensearch", alias, REGION, SHAPE).bulk(writes, Deadline(lambda: 60, 0))

    first = api("GET", "/search?q=buy&listId=list-1&limit=2").json
    second = api("GET", f"/search?q=buy&listId=list-1&limit=2&cursor={first['nextCursor']}").json

    assert {each["taskId"] for each in first["tasks"] + second["tasks"]} == {"task-0", "task-1", "task-2"}
    assert second["nextCursor"] is None
    assert api("GET", "/search?q=buy&listId=list-2").json["tasks"] == []
    assert api("GET", "/search?q=buy&cursor=AAAA").status == 400


def test_search_without_an_index_says_so(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SEARCH_ENDPOINT", "")

    answer = api("GET", "/search?q=milk")

    assert (answer.status, answer.json["type"]) == (501, "urn:changestream:problem:search-not-configured")


def test_a_search_index_that_does_not_answer_is_given_up_while_there_is_time_to_say_so(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    time_out = application().named("TasksApiFunction")["Timeout"]
    assert time_out - 10 > ATTEMPTS * (CONNECT_TIMEOUT_SECONDS + search.READ_TIMEOUT_SECONDS)  # for a cold start
    monkeypatch.setattr(search, "READ_TIMEOUT_SECONDS", 0.05)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        settings = {"SEARCH_ENDPOINT": f"http://127.0.0.1:{silent.getsockname()[1]}", "SEARCH_INDEX": "tasks"}
        for name, value in (settings | {"AWS_REGION": REGION}).items():
            monkeypatch.setenv(name, value)

        answer = api("GET", "/search?q=milk")

    assert answer.status == 503


@pytest.mark.parametrize("view", ["counts_table", "history_table"])
def test_a_view_that_refuses_is_answered_with_when_to_come_back(
    api: Api, refuse: Callable[..., None], view: str
) -> None:
    refuse(service="dynamodb", resource=getattr(api, view), error="ThrottlingException")

    answer = api("GET", "/lists/list-1/counts" if view == "counts_table" else HISTORY)

    assert (answer.status, "Retry-After" in answer.headers) == (503, True)
