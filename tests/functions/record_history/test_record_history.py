from base64 import b64encode
from collections.abc import Callable, Iterator
from random import Random
from typing import Any

import pytest

from builders import TABLE, TIME_TO_LIVE, capture, kinesis_record, nested_maps, sequence_number, task
from changestream.core.deadline import ANSWER_SECONDS
from changestream.wire.stored_images import images_of
from conftest import ClientOf
from functions.record_history import app
from invocations import CountedCalls, View, stops_at

Json = dict[str, Any]

IMAGES = ("oldImage", "newImage")


class History(View):
    handler = staticmethod(app.lambda_handler)

    def of(self, task_name: str = "list-1/task-1") -> list[Json]:
        answer = self.client.query(
            TableName=self.table,
            KeyConditionExpression="task = :task",
            ExpressionAttributeValues={":task": {"S": task_name}},
            ConsistentRead=True,
        )
        rows: list[Json] = answer["Items"]
        return rows


@pytest.fixture
def history(
    client_of: ClientOf, create_table: Callable[[str, str], str], monkeypatch: pytest.MonkeyPatch
) -> Iterator[History]:
    table = create_table("task", "revision")
    monkeypatch.setenv("TASK_HISTORY_TABLE", table)
    monkeypatch.setenv("TASKS_TABLE", TABLE)
    app.consumer.cache_clear()
    yield History(client_of("dynamodb"), table)
    app.consumer.cache_clear()


def test_the_revisions_of_a_task_stand_in_the_order_of_its_changes_whatever_order_they_came_in(
    history: History,
) -> None:
    opened, done = task(), task(status="done")

    history.deliver(kinesis_record(1, capture(30, old=done)), kinesis_record(2, capture(10, new=opened)))
    history.deliver(kinesis_record(3, capture(20, new=done, old=opened)))

    rows = history.of()
    assert [row["kind"]["S"] for row in rows] == ["INSERT", "MODIFY", "REMOVE"]
    assert images_of(rows[1], IMAGES) == {"oldImage": opened, "newImage": done}


def test_a_repeated_change_has_one_row(history: History) -> None:
    change = capture(10, new=task())

    history.deliver(kinesis_record(1, change), kinesis_record(2, change))
    history.deliver(kinesis_record(3, change))

    assert len(history.of()) == 1


def test_a_malformed_task_is_poison_and_its_image_stands_in_the_revision_that_puts_it_right(history: History) -> None:
    malformed, right = task(status=None, note={"B": "Zm9vYmFy"}), task(note={"B": "Zm9vYmFy"})

    response = history.deliver(
        kinesis_record(1, capture(10, new=malformed)), kinesis_record(2, capture(20, new=right, old=malformed))
    )

    assert (stops_at(response), response["failure"]["kind"]) == (sequence_number(1), "poison")
    assert [images_of(row, IMAGES) for row in history.of()] == [{"oldImage": malformed, "newImage": right}]


def test_a_deletion_by_time_to_live_is_marked(history: History) -> None:
    history.deliver(
        kinesis_record(1, capture(10, old=task("task-1"), userIdentity=TIME_TO_LIVE)),
        kinesis_record(2, capture(20, old=task("task-2"))),
    )

    assert history.of("list-1/task-1")[0]["byTimeToLive"] == {"BOOL": True}
    assert history.of("list-1/task-2")[0]["byTimeToLive"] == {"BOOL": False}


def test_no_two_tasks_share_their_history(history: History) -> None:
    history.deliver(
        kinesis_record(1, capture(10, new=task("task-c", "a/task-b"))),
        kinesis_record(2, capture(20, new=task("task-b/task-c", "a"))),
    )

    assert len(history.of("a%2Ftask-b/task-c")) == 1
    assert len(history.of("a/task-b/task-c")) == 1


def test_items_and_tables_that_are_none_of_its_business_are_passed_over(history: History) -> None:
    response = history.deliver(
        kinesis_record(1, capture(10, new=task(), tableName="Other")),
        kinesis_record(2, capture(20, new=task("settings"))),
    )

    assert stops_at(response) is None
    assert history.of() == []


def test_what_is_not_a_captured_change_fails_alone(history: History) -> None:
    response = history.deliver(
        kinesis_record(1, capture(10, new=task("task-1"))),
        kinesis_record(2, b"not a captured change"),
        kinesis_record(3, capture(30, new=task("task-3"))),
    )

    assert stops_at(response) == sequence_number(2)
    assert response["failure"]["kind"] == "poison"
    assert len(history.of("list-1/task-1")) == len(history.of("list-1/task-3")) == 1


def test_two_changes_at_one_position_are_both_kept_whichever_batches_bring_them(history: History) -> None:
    one, other = capture(10, new=task()), capture(10, new=task(status="done"), old=task())

    history.deliver(kinesis_record(1, one), kinesis_record(2, other))
    history.deliver(kinesis_record(3, other))
    history.deliver(kinesis_record(4, one))

    assert sorted(row["kind"]["S"] for row in history.of()) == ["INSERT", "MODIFY"]


def test_a_task_with_a_name_too_long_for_a_key_is_recorded_under_its_digest(history: History) -> None:
    long = task(f"task-{'t' * 900}", "l" * 1500)

    assert stops_at(history.deliver(kinesis_record(1, capture(10, new=long)))) is None

    (row,) = history.client.scan(TableName=history.table)["Items"]
    assert row["task"]["S"].startswith("sha256:")
    assert (row["listId"], row["taskId"]) == (long["listId"], long["taskId"])


@pytest.mark.parametrize(
    "image",
    [
        task(note={"B": "not base64!"}),
        task(description={"S": 5}),
        task(note={}),
        task(note={"M": {"deep": "text"}}),
    ],
)
def test_an_image_that_is_none_fails_alone(history: History, image: Json) -> None:
    response = history.deliver(
        kinesis_record(1, capture(10, new=task("task-2"))), kinesis_record(2, capture(20, new=image))
    )

    assert stops_at(response) == sequence_number(2)
    assert response["failure"]["kind"] == "poison"
    assert len(history.of("list-1/task-2")) == 1


@pytest.mark.parametrize(
    "body",
    [{"Keys": {"listId": {}}}, {"ApproximateCreationDateTime": float("inf")}, {"Keys": None}, {"Keys": {"listId": 1}}],
)
def test_a_record_that_breaks_its_decoder_fails_alone(history: History, body: Json) -> None:
    broken = capture(20, new=task())
    broken["dynamodb"] |= body

    response = history.deliver(kinesis_record(1, capture(10, new=task("task-2"))), kinesis_record(2, broken))

    assert stops_at(response) == sequence_number(2)
    assert len(history.of("list-1/task-2")) == 1


def test_a_row_that_the_table_will_never_take_fails_alone(history: History) -> None:
    one, other = ({"B": b64encode(Random(seed).randbytes(300_000)).decode()} for seed in (1, 2))
    too_large = capture(20, new=task("task-2", note=one), old=task("task-2", note=other))

    response = history.deliver(
        kinesis_record(1, capture(10, new=task("task-1"))),
        kinesis_record(2, too_large),
        kinesis_record(3, capture(30, new=task("task-3"))),
    )

    assert stops_at(response) == sequence_number(2)
    assert response["failure"]["kind"] == "poison"
    assert "images-in-rows" in response["failure"]["reason"]
    assert len(history.of("list-1/task-1")) == len(history.of("list-1/task-3")) == 1


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (task(deep=nested_maps(31)), task(deep=nested_maps(31), status="done")),
        (task(description={"S": "x" * 409_000}), task(description={"S": "y" * 409_000})),
        (task(note={"B": b64encode(Random(1).randbytes(250_000)).decode()}),) * 2,
        (None, task(description={"S": "é" * 200_000})),
    ],
)
def test_whatever_item_dynamodb_takes_is_recorded_as_it_was(history: History, old: Json | None, new: Json) -> None:
    response = history.deliver(kinesis_record(1, capture(10, new=new, old=old)))

    assert stops_at(response) is None
    (row,) = history.of()
    assert images_of(row, IMAGES) == ({"oldImage": old} if old else {}) | {"newImage": new}


def test_a_batch_is_written_in_bulk(history: History) -> None:
    calls = CountedCalls(history.client)

    history.deliver(*(kinesis_record(n, capture(n, new=task(f"task-{n}"))) for n in range(100)))

    assert calls.by_operation == {"BatchWriteItem": 4}


def test_a_refused_dependency_fails_from_the_lowest_record(history: History, refuse: Callable[..., None]) -> None:
    refuse(service="dynamodb", operation="BatchWriteItem", resource=history.table, error="InternalServerError")

    response = history.deliver(
        kinesis_record(10, capture(1, new=task("task-a"))), kinesis_record(9, capture(2, new=task()))
    )

    assert stops_at(response) == sequence_number(9)
    assert response["failure"]["kind"] == "unavailable"


def test_a_function_short_of_time_answers_with_the_first_record_not_done(history: History) -> None:
    response = history.deliver(kinesis_record(4, capture(1, new=task())), seconds_left=ANSWER_SECONDS)

    assert stops_at(response) == sequence_number(4)
    assert response["failure"]["kind"] == "out_of_time"
