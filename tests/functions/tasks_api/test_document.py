"""The OpenAPI document beside what the API does: one set of schemas, which cannot be told apart from outside."""

from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from openapi_schema_validator import OAS31Validator, oas31_format_checker

import app
import parameters
from answer_schemas import ANSWER_SCHEMAS
from functions.tasks_api.api_requests import Api
from openapi import document
from schemas import SCHEMAS, Schema, ref, resolved
from validation import RULES, TYPES, completed, faults

DOCUMENT = document(app.operations)
ANNOTATIONS = {"description", "default", "$ref", "type", "properties", "required", "additionalProperties"}
CHECKED = {each.name or each.schema["$ref"]: each.schema for each in parameters.PARAMETERS.values()}


def validator(schema: Schema) -> Any:
    """One that somebody else made, with the document's schemas at hand."""
    return OAS31Validator({**schema, "components": DOCUMENT["components"]}, format_checker=oas31_format_checker)


VALIDATORS = {name: validator(schema) for name, schema in CHECKED.items()}

REVISION = {
    "task": {"S": "groceries/task-1"},
    "revision": {"S": "1"},
    "kind": {"S": "REMOVE"},
    "changedAt": {"N": "1.5"},
    "byTimeToLive": {"BOOL": True},
    "oldImage": {"M": {"count": {"N": "1"}}},
}
FOUND_TASK = dict.fromkeys(ANSWER_SCHEMAS["FoundTask"]["required"], "x") | {"status": "done", "expiresAt": 1}

# No halves of characters, which JSON Schema allows, and no line breaks: the other validator lets `$` pass a last one.
TEXTS = st.text(st.characters(exclude_categories=["Cs", "Cc", "Zl", "Zp"]), max_size=8) | st.sampled_from(
    ["", "open", "done", "task-1", "2026-12-24", "2026-02-30", "0000-01-01", '"3"', "*", "x" * 300, "x" * 4001]
)
SCALARS = st.none() | st.booleans() | st.integers(-5, 200) | TEXTS
FIELDS = st.dictionaries(st.sampled_from(["description", "status", "dueDate", "other"]), SCALARS)


@pytest.mark.parametrize("name", CHECKED)
@settings(max_examples=30, deadline=None)
@given(value=SCALARS | FIELDS | st.lists(SCALARS, max_size=2))
@example(value={"description": "Buy milk", "status": "open", "dueDate": None})
@example(value={"description": "Buy milk", "dueDate": "2026-12-24"})
@example(value={"dueDate": None})
def test_what_the_document_allows_is_taken_and_nothing_else(name: str, value: Any) -> None:
    allowed = VALIDATORS[name].is_valid(value)

    assert (list(faults(CHECKED[name], value)) == []) == allowed


@pytest.mark.parametrize("schema", CHECKED.values(), ids=CHECKED)
def test_every_word_of_a_schema_that_requests_meet_is_one_that_is_checked(schema: Schema) -> None:
    for each in with_its_fields(schema):
        assert each.keys() <= RULES.keys() | ANNOTATIONS
        assert set([each["type"]] if isinstance(each["type"], str) else each["type"]) <= TYPES.keys()
        assert "pattern" not in each or each["description"]


def test_a_new_task_is_complete_with_its_defaults() -> None:
    task = completed(SCHEMAS["NewTask"], {"description": "Buy milk"})

    assert task == {"description": "Buy milk", "status": "open", "dueDate": None}


OPERATIONS = [(method.upper(), path) for path, methods in DOCUMENT["paths"].items() for method in methods]


@pytest.mark.parametrize(("method", "path"), OPERATIONS)
def test_every_operation_answers_what_the_document_says_of_it(
    api: Api, monkeypatch: pytest.MonkeyPatch, method: str, path: str
) -> None:
    api.put()
    api.client.put_item(TableName=api.history_table, Item=REVISION)
    monkeypatch.setattr(app, "found", lambda *_: ([FOUND_TASK], None))

    url = path.format(list_id="groceries", task_id="task-1") + ("?q=milk" if path == "/search" else "")
    answered = api(method, url, {"description": "Buy milk"}, If_Match="*")

    told = DOCUMENT["paths"][path][method.lower()]["responses"][str(answered.status)]
    assert answered.headers.keys() >= told.get("headers", {}).keys()
    assert bool(answered.text) == ("content" in told)
    for kind, content in told.get("content", {}).items():
        assert answered.headers["Content-Type"] == kind
        validator(content["schema"]).validate(answered.json)


def test_a_problem_is_as_the_document_says(api: Api) -> None:
    problem = api("POST", "/lists/-/tasks", {}).json

    validator(ref("Problem")).validate(problem)
    assert len(problem["errors"]) == 2


def test_no_answer_is_described_that_is_never_given() -> None:
    referred = {each.rpartition("/")[2] for each in references(DOCUMENT)}

    assert referred == DOCUMENT["components"]["schemas"].keys()


def with_its_fields(schema: Schema) -> Iterator[Schema]:
    whole = resolved(schema)
    yield whole
    for each in whole.get("properties", {}).values():
        yield from with_its_fields(each)


def references(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        yield from (each for name, each in node.items() if name == "$ref")
    inner = node.values() if isinstance(node, dict) else node if isinstance(node, list) else ()
    for each in inner:
        yield from references(each)
