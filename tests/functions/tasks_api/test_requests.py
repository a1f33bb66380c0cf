import base64
import json
import string
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openapi_spec_validator import validate

import app
from functions.tasks_api.api_requests import Api, request_event
from invocations import Context, sample
from store import TaskStore

TASK = "/lists/groceries/tasks/task-1"
TASKS = "/lists/groceries/tasks"
NEW = {"description": "Buy milk"}
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS")


@pytest.mark.parametrize(
    ("method", "path", "document", "field"),
    [
        ("POST", TASKS, {}, ("body", "description")),
        ("POST", TASKS, {"description": ""}, ("body", "description")),
        ("POST", TASKS, {"description": "x" * 4001}, ("body", "description")),
        ("POST", TASKS, {"description": "\ud800"}, ("body", "description")),
        ("POST", TASKS, NEW | {"status": "finished"}, ("body", "status")),
        ("POST", TASKS, NEW | {"dueDate": "2026-02-30"}, ("body", "dueDate")),
        ("POST", TASKS, NEW | {"dueDate": 20260230}, ("body", "dueDate")),
        ("POST", TASKS, NEW | {"taskId": "task-1"}, ("body", "taskId")),
        ("POST", TASKS, [NEW], ("body", "")),
        ("POST", "/lists/-/tasks", NEW, ("path", "list_id")),
        ("PATCH", TASK, {}, ("body", "")),
        ("PATCH", TASK, {"description": None}, ("body", "description")),
        ("GET", f"{TASKS}?limit=0", None, ("query", "limit")),
        ("GET", f"{TASKS}?limit=101", None, ("query", "limit")),
        ("GET", f"{TASKS}?limit=1,2", None, ("query", "limit")),
        ("GET", f"{TASKS}?cursor=AAAA", None, ("query", "cursor")),
        ("GET", "/search", None, ("query", "q")),
    ],
)
def test_wrong_input_is_answered_with_where_it_is_wrong(
    api: Api, method: str, path: str, document: Any, field: tuple[str, str]
) -> None:
    answer = api(method, path, document, If_Match="*")

    assert (answer.status, answer.headers["Content-Type"]) == (400, "application/problem+json")
    assert [(error["in"], error["name"]) for error in answer.json["errors"]] == [field]


@pytest.mark.parametrize("tag", ["", "3", '"x"', 'W/"3"', '"1","2"', '"-1"'])
def test_an_if_match_that_is_none_of_ours_is_refused(api: Api, tag: str) -> None:
    answer = api("PATCH", TASK, {"status": "done"}, If_Match=tag)

    assert (answer.status, answer.json["errors"][0]["name"]) == (400, "If-Match")


@pytest.mark.parametrize("key", ["", "two words", "x" * 256, "ключ"])
def test_an_idempotency_key_that_cannot_be_told_from_others_is_refused(api: Api, key: str) -> None:
    answer = api("POST", TASKS, NEW, Idempotency_Key=key)

    assert (answer.status, answer.json["errors"][0]["name"]) == (400, "Idempotency-Key")


@pytest.mark.parametrize("body", ["{", '{"description": NaN}', "[" * 60_000, "\x00", "1" * 5000])
def test_a_body_that_is_not_json_is_refused(api: Api, body: str) -> None:
    answer = api.answer(request_event("POST", TASKS, body))

    assert (answer.status, answer.json["type"]) == (400, "urn:changestream:problem:malformed-json")


def test_a_body_that_is_too_large_is_refused(api: Api) -> None:
    assert api("POST", TASKS, {"description": "x" * 70_000}).status == 413


def test_a_body_of_another_kind_is_refused(api: Api) -> None:
    form = {"content-type": "application/x-www-form-urlencoded"}

    statuses = [api.answer(request_event("POST", TASKS, body) | {"headers": form}).status for body in ("a=b", "[]")]

    assert statuses == [415, 415]


def test_a_body_in_base64_is_read(api: Api) -> None:
    event = request_event("POST", TASKS, base64.b64encode(json.dumps(NEW).encode()).decode())

    assert api.answer(event | {"isBase64Encoded": True}).status == 201


def test_what_is_not_there_and_what_takes_other_methods_are_told_apart(api: Api) -> None:
    missing, other = api("GET", "/lists"), api("PUT", TASK)

    assert (missing.status, other.status) == (404, 405)
    assert other.headers["Allow"] == "DELETE, GET, PATCH"


def test_a_fault_of_our_own_tells_the_client_the_requests_id_and_the_log_the_rest(
    api: Api, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fault(*_: object) -> None:
        raise ZeroDivisionError("a secret")

    monkeypatch.setattr(TaskStore, "read", fault)

    answer = api("GET", TASK)

    assert (answer.status, answer.json["requestId"]) == (500, "request-1")
    assert "secret" not in answer.text
    assert any(record.exc_info for record in caplog.records)


def test_the_document_is_valid_and_names_every_route(api: Api) -> None:
    document = api("GET", "/openapi.json").json

    validate(document)
    routes = {(path, method.upper()) for path, methods in document["paths"].items() for method in methods}
    assert len(routes) == 10
    for path, method in routes:
        allowed = api("PUT", path.format(list_id="groceries", task_id="task-1")).headers["Allow"]
        assert method in allowed


NAMES = st.sampled_from(["groceries", "task-1", "a/b", "", "%00", "é", "task-" + "x" * 300])
PATHS = st.builds(
    string.Template("/lists/$list_id/tasks/$task_id$action").substitute,
    list_id=NAMES,
    task_id=NAMES,
    action=st.sampled_from(["", "/complete", "/archive", "/history"]),
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.sampled_from(["description", "status", "dueDate", "x"]), inner),
    max_leaves=6,
)
HEADERS = st.dictionaries(
    st.sampled_from(["content-type", "if-match", "idempotency-key", "accept-encoding", "cookie"]),
    st.sampled_from(["application/json", "*", '"1"', "text/plain", "gzip", "multipart/form-data; boundary=x"])
    | st.text(),
)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    method=st.sampled_from(METHODS),
    path=PATHS | st.sampled_from([TASKS, TASK, "/search", "/lists/groceries/counts"]) | st.text().map("/{}".format),
    query=st.dictionaries(st.sampled_from(["limit", "cursor", "q", "listId"]), st.text()),
    headers=HEADERS,
    body=st.none() | JSON.map(json.dumps) | st.text(),
    in_base64=st.booleans(),
)
def test_whatever_comes_is_answered_with_success_or_a_well_formed_problem(
    api: Api, method: str, path: str, query: dict[str, str], headers: dict[str, str], body: str | None, in_base64: bool
) -> None:
    event = request_event(method, path, body) | {"headers": headers, "queryStringParameters": query}

    answered = app.lambda_handler(event | {"isBase64Encoded": in_base64}, Context())

    assert json.loads(json.dumps(answered)) == answered
    if answered["statusCode"] >= 400:
        problem = json.loads(answered["body"])
        assert answered["headers"]["Content-Type"] == "application/problem+json"
        assert problem["status"] == answered["statusCode"] != 500
        assert {"type", "title", "detail", "requestId"} <= problem.keys()


@pytest.mark.parametrize(
    ("event", "status"),
    [("api-create.json", 201), ("api-list.json", 200), ("api-openapi.json", 200), ("api-wrong-input.json", 400)],
)
def test_each_sample_event_is_answered(api: Api, event: str, status: int) -> None:
    assert api.answer(sample(event)).status == status
