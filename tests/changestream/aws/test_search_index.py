from collections.abc import Callable
from uuid import uuid4

import pytest

from builders import REGION
from changestream.aws.concurrency import Done, NotDone
from changestream.aws.search_bulk import DocumentWrite
from changestream.aws.search_index import SearchIndex
from changestream.core.batch import FailureKind
from changestream.core.deadline import Deadline
from changestream.core.errors import TransientError, Unprocessable
from conftest import ClientOf
from tasks.search_document import SHAPE

MINUTE = Deadline(lambda: 60, 0)
Refuse = Callable[..., None]


@pytest.fixture
def alias() -> str:
    return f"tasks-{uuid4().hex[:8]}"


@pytest.fixture
def index(client_of: ClientOf, endpoint: str, alias: str) -> SearchIndex:
    return SearchIndex(f"{endpoint}/_opensearch", alias, REGION, SHAPE)


def write(task_id: str, list_id: str = "list-1", day: int = 1, description: str = "buy milk") -> DocumentWrite:
    created = f"2026-01-{day:02d}T00:00:00+00:00"
    names = {"listId": list_id, "taskId": task_id, "status": "open", "createdDate": created}
    return DocumentWrite(f"{list_id}/{task_id}", 1, names | {"description": description})


def tombstone(task_id: str, expires_at: int, version: int = 2) -> DocumentWrite:
    names = {"listId": "list-1", "taskId": task_id, "deleted": True, "tombstoneExpiresAt": expires_at}
    return DocumentWrite(f"list-1/{task_id}", version, names)


def found(index: SearchIndex, list_id: str | None, text: str | None) -> list[str]:
    return [document["taskId"] for document in index.search(list_id, text, 10).documents]


@pytest.mark.parametrize(
    ("list_id", "text", "tasks"),
    [
        (None, "milk", ["oat", "cow"]),
        ("list-1", "milk", ["cow"]),
        (None, "MILK buy", ["cow"]),
        (None, "buy", ["egg", "cow"]),
        (None, "mil", []),
        (None, None, ["egg", "oat", "cow"]),
        ("list-2", "", ["egg", "oat"]),
        ("list-3", None, []),
    ],
)
def test_tasks_are_found_by_list_and_words_the_last_created_first(
    index: SearchIndex, list_id: str | None, text: str | None, tasks: list[str]
) -> None:
    others = [write("oat", "list-2", 2, "the milk of oats"), write("egg", "list-2", 3, "buy eggs")]
    index.bulk([write("cow"), *others, write("gone")], MINUTE)
    index.bulk([tombstone("gone", 0)], MINUTE)

    assert found(index, list_id, text) == tasks


def test_pages_follow_one_another_without_repeating_or_passing_over_a_task(index: SearchIndex) -> None:
    index.bulk([write(f"task-{n}", f"list-{n % 2}", 1 + n // 4) for n in range(11)], MINUTE)
    pages, after = [index.search(None, "milk", 4)], None

    while after := pages[-1].after:
        pages.append(index.search(None, "milk", 4, after))

    assert [len(page.documents) for page in pages] == [4, 4, 3]
    assert len({document["taskId"] for page in pages for document in page.documents}) == 11


def test_a_last_page_that_is_full_says_that_it_is_the_last(index: SearchIndex) -> None:
    index.bulk([write("task-1"), write("task-2")], MINUTE)

    assert index.search(None, None, 2).after is None


@pytest.mark.parametrize("cursor", ["nonsense", "WzFd", "é", "bnVsbA", "WyJhIiwiYiIsImMiXQ"])
def test_a_cursor_of_somebody_elses_making_is_refused(index: SearchIndex, cursor: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - whatever it says, the caller says that the cursor is none
        index.search(None, "milk", 4, cursor)


def test_before_anything_is_indexed_nothing_is_there(index: SearchIndex) -> None:
    assert index.search(None, "milk", 4).documents == []
    assert index.versions(["1"]) == {}
    assert index.expire_tombstones(2**31, 10) == 0


def test_versions_are_those_of_the_documents_there_are_tombstones_included(index: SearchIndex) -> None:
    index.bulk([write("task-1"), tombstone("task-2", 0, version=7)], MINUTE)

    versions = index.versions(["list-1/task-1", "list-1/task-2", "list-1/task-3"])

    assert versions == {"list-1/task-1": 1, "list-1/task-2": 7}


def test_tombstones_go_when_their_time_is_over_and_tasks_stay(index: SearchIndex) -> None:
    index.bulk([write("task-1"), *(tombstone(f"gone-{n}", 1000 + n) for n in range(5))], MINUTE)

    assert index.expire_tombstones(1003, 2) == 2
    assert index.expire_tombstones(1003, 2) == 1
    assert index.expire_tombstones(1003, 2) == 0

    left = index.versions(["list-1/task-1", *(f"list-1/gone-{n}" for n in range(5))])
    assert left.keys() == {"list-1/task-1", "list-1/gone-3", "list-1/gone-4"}


def test_making_an_index_that_somebody_else_has_just_made_does_no_harm(index: SearchIndex) -> None:
    index.create()
    index.create()

    assert index.bulk([write("task-1")], MINUTE) == [Done(True)]


def test_an_index_that_cannot_be_made_is_unavailable_and_no_fault_of_the_documents(
    index: SearchIndex, alias: str, refuse: Refuse
) -> None:
    refuse(service="es", operation="CreateIndex", resource=alias, error="validation_exception", status=400)

    (ending,) = index.bulk([write("task-1")], MINUTE)

    assert isinstance(ending, NotDone)
    assert ending.kind is FailureKind.UNAVAILABLE


@pytest.mark.parametrize(
    ("status", "error"), [(400, Unprocessable), (403, TransientError), (404, TransientError), (429, TransientError)]
)
def test_a_search_that_is_refused_says_whether_asking_again_can_help(
    index: SearchIndex, alias: str, refuse: Refuse, status: int, error: type[Exception]
) -> None:
    refuse(service="es", operation="Search", resource=alias, error="no", status=status)

    with pytest.raises(error, match=f"answers {status} no: refused"):
        index.search(None, "milk", 4)


def test_an_index_that_somebody_has_closed_is_unavailable_and_no_fault_of_the_documents(
    index: SearchIndex, alias: str, refuse: Refuse
) -> None:
    index.create()
    refuse(service="es", operation="BulkItem", resource=f"{alias}/", error="index_closed_exception", status=400)

    (ending,) = index.bulk([write("task-1")], MINUTE)

    assert isinstance(ending, NotDone)
    assert ending.kind is FailureKind.UNAVAILABLE


def test_one_document_that_spoils_a_request_is_found_out(index: SearchIndex) -> None:
    index.create()
    spoilt = DocumentWrite("x" * 513, 1, write("task-5").document)

    endings = index.bulk([*(write(f"task-{n}") for n in range(5)), spoilt, write("task-6")], MINUTE)

    assert [ending == Done(True) for ending in endings] == [True] * 5 + [False, True]
    assert isinstance(endings[5], NotDone)
    assert endings[5].kind is FailureKind.POISON
