from collections.abc import Callable
from typing import Any

import pytest

from changestream.aws.tally_consumer import TallyConsumer
from event_source_mapping.rehearsal import Rehearsal
from functions.count_tasks import app


class FakeCounts:
    """The table of counts, as a dictionary."""

    def __init__(self) -> None:
        self.rows: dict[Any, Any] = {}

    def read(self, keys: Any) -> dict[Any, Any]:
        return {key: self.rows[key] for key in keys if key in self.rows}

    def write(self, group: str, settlement: Any, *_: Any) -> None:
        self.rows |= {(group, write.member_id): write.after for write in settlement.writes}


@pytest.fixture
def counts(monkeypatch: pytest.MonkeyPatch) -> FakeCounts:
    table: Any = FakeCounts()
    consumer = TallyConsumer(table, app.task_key, app.status_after, tombstone_days=400)
    monkeypatch.setattr(app, "consumer", lambda: consumer)
    return table  # type: ignore[no-any-return]


def task(task_id: str, **attributes: Any) -> tuple[Any, Any]:
    keys = {"listId": {"S": "list-1"}, "taskId": {"S": task_id}}
    return keys, keys | {"description": {"S": "buy milk"}, "createdDate": {"S": "2026-01-01T00:00:00Z"}} | attributes


def test_a_task_without_status_is_given_up_alone(rehearse: Callable[..., Rehearsal], counts: FakeCounts) -> None:
    rehearsal = rehearse("CountTasksFunction", "TableChanges", app.lambda_handler)
    rehearsal.table.put(*task("settings"))  # no task: the template's filter keeps it from the function
    rehearsal.table.put(*task("task-1", status={"S": "open"}))
    poison = rehearsal.table.put(*task("task-2"))
    last = rehearsal.table.put(*task("task-3", status={"S": "done"}))

    rehearsal.play()

    (message,) = rehearsal.failed_batches
    assert message["requestContext"]["condition"] == "RetryAttemptsExhausted"
    assert message["requestContext"]["approximateInvokeCount"] == 4
    assert message["DDBStreamBatchInfo"]["startSequenceNumber"] == poison
    assert message["DDBStreamBatchInfo"]["batchSize"] == 1
    assert rehearsal.batches.count([poison]) == 4
    assert set(counts.rows) == {("list-1", "task-1"), ("list-1", "task-3")}
    assert list(rehearsal.checkpoints.values()) == [last]


def test_records_that_wait_for_longer_than_an_hour_are_given_up_unseen(rehearse: Callable[..., Rehearsal]) -> None:
    rehearsal = rehearse("CountTasksFunction", "TableChanges", app.lambda_handler)
    rehearsal.table.put(*task("task-1", status={"S": "open"}))
    rehearsal.clock.advance(3_601)

    rehearsal.play()

    assert rehearsal.batches == []
    assert [message["requestContext"]["condition"] for message in rehearsal.failed_batches] == ["RecordAgeExceeded"]
