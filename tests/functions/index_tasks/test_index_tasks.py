import random
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from itertools import permutations
from typing import Any

import pytest

from builders import capture, kinesis_record, sequence_number, task
from changestream.core.deadline import ANSWER_SECONDS
from changestream.core.document_shape import Document
from functions.disturbed import DisturbedChanges
from functions.index_tasks import app
from invocations import sample, stops_at
from search_view import SearchView
from tasks import search_document
from tasks.search_document import document_id
from tasks.task import Task

Json = dict[str, Any]
ORDERS = list(permutations(range(3)))


def document(task_id: str = "task-1", status: str = "open") -> Json:
    """What the index holds of `builders.task`."""
    return {
        "listId": "list-1",
        "taskId": task_id,
        "description": "buy milk",
        "status": status,
        "createdDate": "2026-01-01T00:00:00+00:00",
    }


def test_a_batch_is_collapsed_to_one_request_with_the_newest_state_of_each_task(index: SearchView) -> None:
    index.deliver(kinesis_record(1, capture(1, new=task("task-9"))))
    index.requests.clear()
    opened, done = task(photo={"B": "Zm9v"}), task(status="done", photo={"B": "Zm9v"})
    others = [kinesis_record(n, capture(n, new=task(f"task-{n}"))) for n in range(10, 100)]

    index.deliver(
        kinesis_record(3, capture(20, new=done, old=opened)), kinesis_record(2, capture(10, new=opened)), *others
    )

    assert index.requests == ["POST _bulk"]
    assert index.documents()["task-1"] == document(status="done")
    assert len(index.documents()) == 92


def test_the_first_batch_finds_no_index_and_makes_it(index: SearchView) -> None:
    index.deliver(kinesis_record(1, capture(1, new=task())))

    assert index.requests == ["POST _bulk", "PUT index", "POST _bulk"]
    assert index.documents() == {"task-1": document()}


@pytest.mark.parametrize("arrivals", ORDERS)
def test_whatever_order_the_changes_of_a_task_come_in_they_end_in_the_same_document(
    index: SearchView, arrivals: tuple[int, ...]
) -> None:
    changes = [
        capture(10, new=task()),
        capture(20, new=task(status="in_progress"), old=task()),
        capture(30, new=task(status="done"), old=task(status="in_progress")),
    ]

    for n in arrivals:
        assert stops_at(index.deliver(kinesis_record(n, changes[n]))) is None

    assert index.documents() == {"task-1": document(status="done")}


@pytest.mark.parametrize("arrivals", ORDERS)
def test_a_late_change_does_not_bring_back_a_deleted_task(index: SearchView, arrivals: tuple[int, ...]) -> None:
    changes = [
        capture(10, new=task()),
        capture(20, new=task(status="done"), old=task()),
        capture(30, old=task(status="done")),
    ]

    for n in arrivals:
        index.deliver(kinesis_record(n, changes[n]))

    assert index.documents() == {}
    (tombstone,) = index.documents(deleted=True).values()
    assert tombstone.keys() == {"listId", "taskId", "deleted", "tombstoneExpiresAt"}


def test_a_task_that_is_written_again_after_its_deletion_is_there(index: SearchView) -> None:
    index.deliver(kinesis_record(1, capture(10, old=task())))

    index.deliver(kinesis_record(2, capture(20, new=task())))

    assert index.documents() == {"task-1": document()}
    assert index.documents(deleted=True) == {}


def test_tasks_whose_keys_run_together_are_two_documents(index: SearchView) -> None:
    one, other = task("task-1/2", "list"), task("task-1", "list/2")
    slashes = task("task-1", 'list"]["task-1')

    index.deliver(*(kinesis_record(n, capture(n, new=new)) for n, new in enumerate([one, other, slashes])))

    answer = index.ask("POST", "_search", {"query": {"match_all": {}}})
    assert answer["hits"]["total"]["value"] == 3


def test_keys_as_long_as_the_table_takes_them_are_indexed(index: SearchView) -> None:
    long = task("task-" + "t" * 1000, "l" * 2048)

    response = index.deliver(kinesis_record(1, capture(1, new=long)), kinesis_record(2, capture(2, new=task())))

    assert stops_at(response) is None
    assert len(index.documents()) == 2


def test_a_poison_change_fails_alone_and_the_newest_good_one_is_applied(index: SearchView) -> None:
    response = index.deliver(
        kinesis_record(1, capture(10, new=task())), kinesis_record(2, capture(20, new=task(status="?"), old=task()))
    )

    assert stops_at(response) == sequence_number(2)
    assert index.documents() == {"task-1": document()}


@pytest.fixture
def refused(monkeypatch: pytest.MonkeyPatch) -> Json:
    """A well-formed task that the mapping refuses: somebody else made the index."""

    def document_of(read: Task) -> Document:
        return {**search_document.document_of(read), **({"createdDate": "x"} if read.description == "refused" else {})}

    monkeypatch.setattr(app, "document_of", document_of)
    return task(description={"S": "refused"})


def test_a_document_that_the_mapping_refuses_fails_alone_and_the_newest_good_one_is_applied(
    index: SearchView, refused: Json
) -> None:

    response = index.deliver(
        kinesis_record(1, capture(10, new=task())),
        kinesis_record(2, capture(20, new=refused, old=task())),
        kinesis_record(3, capture(30, new=task("task-2"))),
    )

    assert stops_at(response) == sequence_number(2)
    assert response["failure"]["kind"] == "poison"
    assert "failed to parse field [createdDate]" in response["failure"]["reason"]
    assert index.documents() == {"task-1": document(), "task-2": document("task-2")}


def test_poison_found_out_here_and_there_leaves_the_newest_good_change_and_fails_from_the_lowest(
    index: SearchView, refused: Json
) -> None:
    index.deliver(kinesis_record(0, capture(0, new=task("task-0"))))
    index.requests.clear()

    response = index.deliver(
        kinesis_record(5, capture(20, new=refused)),
        kinesis_record(4, capture(30, new=task(status="?"))),
        kinesis_record(3, capture(40, new=refused)),
        kinesis_record(2, capture(10, new=task(status="done"))),
        kinesis_record(1, capture(5, new=task())),
        kinesis_record(6, capture(50, new=task("task-2", status="?"))),
    )

    assert stops_at(response) == sequence_number(3)
    assert index.documents() == {"task-0": document("task-0"), "task-1": document(status="done")}
    assert index.requests == ["POST _bulk", "POST _bulk", "POST _bulk", "POST _mget"]


@pytest.mark.parametrize("bad", [task(status="?"), task(createdDate={"S": "20260101"})])
def test_poison_is_superseded_once_its_task_has_been_written_properly(index: SearchView, bad: Json) -> None:
    poison = kinesis_record(1, capture(10, new=bad))
    assert stops_at(index.deliver(poison)) == sequence_number(1)

    index.deliver(kinesis_record(2, capture(20, new=task())))

    assert stops_at(index.deliver(poison)) is None
    assert index.documents() == {"task-1": document()}


def test_a_position_beyond_the_versions_of_the_index_is_poison(index: SearchView) -> None:
    late: Json = capture(1, new=task())
    late["dynamodb"]["ApproximateCreationDateTime"] = 2**63

    response = index.deliver(kinesis_record(1, late), kinesis_record(2, capture(2, new=task("task-2"))))

    assert stops_at(response) == sequence_number(1)
    assert index.documents().keys() == {"task-2"}


@pytest.mark.parametrize("status", [429, 503, 403, 404])
def test_a_refused_request_fails_from_the_lowest_record_as_unavailable(
    index: SearchView, refuse: Callable[..., None], status: int
) -> None:
    refuse(service="es", operation="Bulk", resource=index.alias, error="no", status=status)

    response = index.deliver(
        kinesis_record(10, capture(1, new=task("task-a"))), kinesis_record(9, capture(2, new=task()))
    )

    assert stops_at(response) == sequence_number(9)
    assert response["failure"]["kind"] == "unavailable"


def test_an_index_that_cannot_be_reached_is_unavailable(index: SearchView, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SEARCH_ENDPOINT", "http://127.0.0.1:9")

    response = index.deliver(kinesis_record(1, capture(1, new=task())))

    assert stops_at(response) == sequence_number(1)
    assert response["failure"]["kind"] == "unavailable"


def test_a_refused_document_fails_alone_and_is_written_by_the_retry(
    index: SearchView, refuse: Callable[..., None]
) -> None:
    records = [kinesis_record(n, capture(n, new=task(f"task-{n}"))) for n in range(1, 9)]
    index.deliver(kinesis_record(0, capture(0, new=task("task-0"))))
    prefix = f"{index.alias}/{document_id(task('task-5'))}"
    refuse(service="es", operation="BulkItem", resource=prefix, error="rejected_execution_exception", status=429)

    response = index.deliver(*records)

    assert stops_at(response) == sequence_number(5)
    assert response["failure"]["kind"] == "unavailable"
    assert index.documents().keys() == {f"task-{n}" for n in range(9) if n != 5}


def test_a_request_that_is_too_large_is_divided(index: SearchView, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("changestream.aws.search_bulk.REQUEST_BYTES", 2**30)
    index.deliver(kinesis_record(0, capture(0, new=task("task-0"))))
    index.requests.clear()
    large = [task(f"task-{n}", description={"S": "x" * 360_000}) for n in range(1, 32)]

    response = index.deliver(*(kinesis_record(n, capture(n, new=new)) for n, new in enumerate(large, start=1)))

    assert stops_at(response) is None
    assert index.requests == ["POST _bulk"] * 3
    assert len(index.documents()) == 32


def test_requests_stay_below_what_the_smallest_domain_takes(index: SearchView) -> None:
    index.deliver(kinesis_record(0, capture(0, new=task("task-0"))))
    index.requests.clear()
    large = [task(f"task-{n}", description={"S": "x" * 360_000}) for n in range(1, 18)]

    index.deliver(*(kinesis_record(n, capture(n, new=new)) for n, new in enumerate(large, start=1)))

    assert index.requests == ["POST _bulk"] * 2
    assert len(index.documents()) == 18


def test_a_function_short_of_time_answers_with_the_first_record_not_done(index: SearchView) -> None:
    response = index.deliver(kinesis_record(4, capture(1, new=task())), seconds_left=ANSWER_SECONDS)

    assert stops_at(response) == sequence_number(4)
    assert response["failure"]["kind"] == "out_of_time"


def test_writers_that_overtake_one_another_end_in_the_last_states(index: SearchView) -> None:
    changes = [
        capture(n, new=task(f"task-{n % 5}", status="done" if n >= 35 else "open"), old=task(f"task-{n % 5}"))
        for n in range(40)
    ]
    records = [kinesis_record(n, change) for n, change in enumerate(changes)]
    batches = [random.Random(writer).sample(records, 40)[n : n + 5] for writer in range(4) for n in range(0, 40, 5)]

    with ThreadPoolExecutor(4) as writers:
        outcomes = list(writers.map(index.consume, batches))

    assert {outcome.first_failure for outcome in outcomes} == {None}
    assert index.documents() == {f"task-{n}": document(f"task-{n}", "done") for n in range(5)}


def test_the_sample_events_are_read(index: SearchView, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TASKS_TABLE", "changestream-TasksTable")

    hot = index.deliver(*sample("kinesis-hot-task.json")["Records"])
    coarse = index.deliver(*sample("kinesis-milliseconds.json")["Records"])

    assert (stops_at(hot), coarse["failure"]["kind"]) == (None, "poison")
    assert index.documents()["task-milk"]["status"] == "done"


@pytest.mark.parametrize("seed", range(4))
def test_any_order_repeats_and_batches_end_in_the_last_states(index: SearchView, seed: int) -> None:
    changes = DisturbedChanges(seed)

    for batch in changes.batches():
        index.deliver(*batch)

    expected = {task_id: document(task_id, item["status"]["S"]) for task_id, item in changes.items.items() if item}
    assert index.documents() == expected
    assert index.documents(deleted=True).keys() == {task_id for task_id, item in changes.items.items() if not item}
