from collections.abc import Callable, Iterator
from typing import Any

import pytest

from builders import REGION, TABLE, capture, kinesis_record, sequence_number, task
from changestream.aws.clients import client_in
from changestream.core.deadline import ANSWER_SECONDS
from changestream.core.errors import UnsuitableStream
from conftest import ClientOf
from functions.disturbed import DisturbedChanges
from functions.replicate_tasks import app
from invocations import CountedCalls, View, stops_at

Json = dict[str, Any]


class Replica(View):
    handler = staticmethod(app.lambda_handler)

    def row(self, task_id: str = "task-1") -> Json:
        key = {"listId": {"S": "list-1"}, "taskId": {"S": task_id}}
        item: Json = self.client.get_item(TableName=self.table, Key=key, ConsistentRead=True).get("Item", {})
        return item

    def tasks(self) -> dict[str, Json]:
        """The items that are there, without what replication adds to them."""
        rows = self.client.scan(TableName=self.table, ConsistentRead=True)["Items"]
        return {
            row["taskId"]["S"]: {name: value for name, value in row.items() if name != "watermark"}
            for row in rows
            if "status" in row
        }


@pytest.fixture
def replica(
    client_of: ClientOf, create_table: Callable[[str, str], str], monkeypatch: pytest.MonkeyPatch
) -> Iterator[Replica]:
    table = create_table("listId", "taskId")
    settings = {"REPLICA_TABLE": table, "REPLICA_REGION": REGION, "TASKS_TABLE": TABLE, "TOMBSTONE_DAYS": "450"}
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    app.consumer.cache_clear()
    yield Replica(client_of("dynamodb"), table)
    app.consumer.cache_clear()


def test_a_batch_is_collapsed_to_the_newest_state_of_each_task(replica: Replica) -> None:
    opened, done = task(), task(status="done", photo={"B": "Zm9v"})
    calls = CountedCalls(client_in("dynamodb", REGION))

    replica.deliver(kinesis_record(1, capture(20, new=done, old=opened)), kinesis_record(2, capture(10, new=opened)))

    assert replica.tasks() == {"task-1": done | {"photo": {"B": b"foo"}}}
    assert calls.by_operation == {"PutItem": 1}


def test_what_was_replicated_is_not_replicated_on(replica: Replica) -> None:
    replica.deliver(kinesis_record(1, capture(10, new=task())), kinesis_record(2, capture(10, new=task("task-2"))))
    replica.deliver(kinesis_record(3, capture(20, old=task("task-2"))))
    rows = [replica.row(), replica.row("task-2")]
    arrived = [kinesis_record(n, capture(30, new=row, old=row)) for n, row in enumerate(rows, start=4)]

    answers = [replica.deliver(record) for record in arrived]

    assert [answer["failure"]["kind"] for answer in answers] == ["poison", "poison"]
    assert all("round in a circle" in answer["failure"]["reason"] for answer in answers)
    assert [replica.row(), replica.row("task-2")] == rows


@pytest.mark.filterwarnings("ignore:No application metrics to publish")
def test_a_table_is_no_replica_of_itself(replica: Replica, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TASKS_TABLE", replica.table)

    with pytest.raises(UnsuitableStream, match="itself"):
        replica.deliver(kinesis_record(1, capture(10, new=task(), tableName=replica.table)))

    assert replica.tasks() == {}


def test_an_older_change_never_overwrites_a_newer_one(replica: Replica) -> None:
    replica.deliver(kinesis_record(1, capture(20, new=task(status="done"))))
    replica.deliver(kinesis_record(2, capture(10, new=task())))

    assert replica.row()["status"] == {"S": "done"}


def test_a_late_change_does_not_bring_back_a_deleted_task(replica: Replica) -> None:
    replica.deliver(kinesis_record(1, capture(30, old=task())))
    replica.deliver(kinesis_record(2, capture(20, new=task())))

    assert replica.tasks() == {}
    assert "tombstoneExpiresAt" in replica.row()


@pytest.mark.parametrize("note", [{"S": "x" * 409_600}, {"B": "no base64!"}], ids=["too large", "no item"])
def test_a_change_that_the_table_never_takes_fails_alone_and_the_one_before_it_is_applied(
    replica: Replica, note: Json
) -> None:
    response = replica.deliver(
        kinesis_record(1, capture(10, new=task())),
        kinesis_record(2, capture(20, new=task(status="in_progress"), old=task())),
        kinesis_record(3, capture(30, new=task(status="done", note=note), old=task())),
    )

    assert stops_at(response) == sequence_number(3)
    assert response["failure"]["kind"] == "poison"
    assert replica.row()["status"] == {"S": "in_progress"}


def test_a_poison_change_fails_alone_and_the_newest_good_one_is_applied(replica: Replica) -> None:
    response = replica.deliver(
        kinesis_record(1, capture(10, new=task())), kinesis_record(2, capture(20, new=task(status="?"), old=task()))
    )

    assert stops_at(response) == sequence_number(2)
    assert replica.row()["status"] == {"S": "open"}


def test_poison_is_superseded_once_its_task_has_been_written_properly(replica: Replica) -> None:
    bad = kinesis_record(1, capture(10, new=task(status="?")))
    assert stops_at(replica.deliver(bad)) == sequence_number(1)

    replica.deliver(kinesis_record(2, capture(20, new=task())))

    assert stops_at(replica.deliver(bad)) is None


def test_a_refused_dependency_fails_from_the_lowest_record(replica: Replica, refuse: Callable[..., None]) -> None:
    refuse(service="dynamodb", operation="PutItem", resource=replica.table, error="InternalServerError")

    response = replica.deliver(
        kinesis_record(10, capture(1, new=task("task-a"))), kinesis_record(9, capture(2, new=task()))
    )

    assert stops_at(response) == sequence_number(9)
    assert response["failure"]["kind"] == "unavailable"


def test_an_item_that_the_table_will_never_take_fails_alone(replica: Replica) -> None:
    too_large = task("task-2", description={"S": "x" * 410_000})

    response = replica.deliver(
        kinesis_record(1, capture(10, new=task("task-1"))),
        kinesis_record(2, capture(20, new=too_large)),
        kinesis_record(3, capture(30, new=task("task-3"))),
    )

    assert stops_at(response) == sequence_number(2)
    assert set(replica.tasks()) == {"task-1", "task-3"}


@pytest.mark.parametrize("note", [{}, {"S": 5}, {"N": None}, {"B": "not base64!"}, {"M": {"deep": "text"}}, {"?": "?"}])
def test_an_image_that_is_none_fails_alone(replica: Replica, note: Json) -> None:
    response = replica.deliver(
        kinesis_record(1, capture(10, new=task("task-1", note=note))),
        kinesis_record(2, capture(20, new=task("task-2"))),
    )

    assert stops_at(response) == sequence_number(1)
    assert response["failure"]["kind"] == "poison"
    assert set(replica.tasks()) == {"task-2"}


def test_a_function_short_of_time_answers_with_the_first_record_not_done(replica: Replica) -> None:
    response = replica.deliver(kinesis_record(4, capture(1, new=task())), seconds_left=ANSWER_SECONDS)

    assert stops_at(response) == sequence_number(4)
    assert response["failure"]["kind"] == "out_of_time"


@pytest.mark.parametrize("seed", range(4))
def test_any_order_repeats_and_batches_end_in_the_last_states(replica: Replica, seed: int) -> None:
    changes = DisturbedChanges(seed)

    for batch in changes.batches():
        replica.deliver(*batch)

    assert replica.tasks() == {task_id: item for task_id, item in changes.items.items() if item}
