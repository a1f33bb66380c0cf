from collections.abc import Callable, Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from builders import MOMENT, TIME_TO_LIVE, nested_maps, sequence_number, table_record, task
from changestream.core.deadline import ANSWER_SECONDS
from changestream.wire.stored_images import images_of
from conftest import ClientOf
from functions.archive_tasks import app
from invocations import CountedCalls, View, sample, stops_at

Json = dict[str, Any]


class Archive(View):
    handler = staticmethod(app.lambda_handler)

    def rows(self) -> list[Json]:
        rows: list[Json] = self.client.scan(TableName=self.table, ConsistentRead=True)["Items"]
        return sorted(rows, key=lambda row: (row["task"]["S"], row["position"]["S"]))

    def names(self) -> list[str]:
        return [row["task"]["S"] for row in self.rows()]


@pytest.fixture
def archive(
    client_of: ClientOf, create_table: Callable[[str, str], str], monkeypatch: pytest.MonkeyPatch
) -> Iterator[Archive]:
    table = create_table("task", "position")
    monkeypatch.setenv("ARCHIVED_TASKS_TABLE", table)
    app.consumer.cache_clear()
    yield Archive(client_of("dynamodb"), table)
    app.consumer.cache_clear()


def expired(n: int, image: Json | None = None) -> Json:
    """A task that TTL removed."""
    return table_record(n, old=image or task(), identity=TIME_TO_LIVE)


def test_a_task_that_expired_is_kept_as_it_last_was(archive: Archive) -> None:
    last = task(status="done", dueDate={"S": "2026-01-02"}, attachment={"B": "Zm9vYmFy"})

    response = archive.deliver(expired(5, last))

    (row,) = archive.rows()
    assert stops_at(response) is None
    assert images_of(row, ["image"]) == {"image": last}
    assert (row["task"], row["listId"], row["taskId"]) == ({"S": "list-1/task-1"}, last["listId"], last["taskId"])
    assert row["archivedAt"] == {"N": str(MOMENT + 5)}


@pytest.mark.parametrize(
    "identity",
    [None, {"type": "Service", "principalId": "replication.dynamodb.amazonaws.com"}, {"type": "Service"}, "TTL"],
)
def test_what_a_caller_deleted_is_passed_over(archive: Archive, identity: Any) -> None:
    response = archive.deliver(table_record(1, old=task(), identity=identity))

    assert stops_at(response) is None
    assert archive.rows() == []


def test_of_a_whole_range_only_the_tasks_that_expired_are_archived(archive: Archive) -> None:
    response = archive.deliver(
        table_record(1, new=task("task-1")),
        table_record(2, new=task("task-1", status="done"), old=task("task-1")),
        expired(3, task("task-2")),
        expired(4, task("settings")),
        table_record(5, old=task("task-3")),
    )

    assert stops_at(response) is None
    assert archive.names() == ["list-1/task-2"]


def test_a_task_that_comes_back_and_expires_again_is_archived_each_time(archive: Archive) -> None:
    archive.deliver(expired(3, task(status="open")))
    archive.deliver(table_record(4, new=task(status="done")), expired(5, task(status="done")))

    assert [images_of(row, ["image"])["image"]["status"]["S"] for row in archive.rows()] == ["open", "done"]


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.lists(st.integers(1, 6), min_size=1, max_size=6), min_size=1, max_size=3))
def test_whatever_is_delivered_again_in_whatever_order_the_rows_are_the_same(
    archive: Archive, deliveries: list[list[int]]
) -> None:
    records = [expired(n, task(f"task-{n % 3}", status=("open", "done")[n % 2])) for n in range(1, 7)]
    archive.deliver(*records)
    once = archive.rows()

    for numbers in deliveries:
        archive.deliver(*(records[n - 1] for n in numbers))

    assert archive.rows() == once
    assert len(once) == 6


@pytest.mark.parametrize(
    "malformed", [task(status=None), task(createdDate={"S": "once"}), task(description={"N": "1"})]
)
def test_a_malformed_task_is_archived_as_it_was(archive: Archive, malformed: Json) -> None:
    response = archive.deliver(expired(1, malformed))

    assert stops_at(response) is None
    assert images_of(archive.rows()[0], ["image"]) == {"image": malformed}


@pytest.mark.parametrize("last", [task(deep=nested_maps(31)), task(description={"S": "x" * 409_000})])
def test_whatever_item_dynamodb_takes_is_archived_as_it_was(archive: Archive, last: Json) -> None:
    response = archive.deliver(expired(1, last))

    assert stops_at(response) is None
    assert images_of(archive.rows()[0], ["image"]) == {"image": last}


def test_a_task_whose_deletion_carries_no_time_is_archived_without_it(archive: Archive) -> None:
    record = expired(1)
    del record["dynamodb"]["ApproximateCreationDateTime"]

    assert stops_at(archive.deliver(record)) is None
    assert "archivedAt" not in archive.rows()[0]


def without_image() -> Json:
    record = expired(2)
    del record["dynamodb"]["OldImage"]
    return record


def mistyped() -> Json:
    return expired(2, task(note={"B": "not base64!"}))


@pytest.mark.parametrize("poison", [without_image, mistyped])
def test_what_cannot_be_archived_fails_alone(archive: Archive, poison: Callable[[], Json]) -> None:
    response = archive.deliver(expired(1, task("task-1")), poison(), expired(3, task("task-3")))

    assert stops_at(response) == sequence_number(2)
    assert response["failure"]["kind"] == "poison"
    assert archive.names() == ["list-1/task-1", "list-1/task-3"]


def test_a_batch_is_written_in_bulk(archive: Archive) -> None:
    calls = CountedCalls(archive.client)

    archive.deliver(*(expired(n, task(f"task-{n}")) for n in range(100)))

    assert calls.by_operation == {"BatchWriteItem": 4}


def test_a_batch_without_an_expired_task_makes_no_call(archive: Archive) -> None:
    calls = CountedCalls(archive.client)

    archive.deliver(*(table_record(n, new=task(f"task-{n}")) for n in range(10)))

    assert calls.by_operation == {}


def test_a_refused_dependency_fails_from_the_lowest_record(archive: Archive, refuse: Callable[..., None]) -> None:
    refuse(service="dynamodb", operation="BatchWriteItem", resource=archive.table, error="InternalServerError")

    response = archive.deliver(expired(1, task("task-1")), expired(2, task("task-2")))

    assert stops_at(response) == sequence_number(1)
    assert response["failure"]["kind"] == "unavailable"


def test_a_function_short_of_time_answers_with_the_first_record_not_done(archive: Archive) -> None:
    response = archive.deliver(expired(4), seconds_left=ANSWER_SECONDS)

    assert stops_at(response) == sequence_number(4)
    assert response["failure"]["kind"] == "out_of_time"


def test_the_sample_events_are_answered_as_the_index_says(archive: Archive) -> None:
    archived = archive.deliver(*sample("table-stream-expired.json")["Records"])
    poison = archive.deliver(*sample("table-stream-expired-poison.json")["Records"])

    assert stops_at(archived) is None
    assert stops_at(poison)
    assert len(archive.rows()) == 3
