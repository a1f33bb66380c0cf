"""A brand-new consumer is given its view while the table changes, and ends with that of one that ran all along."""

import json
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from threading import Event, Thread

import pytest

from recovery_world import eventually
from streamctl.exits import Exit
from streamctl.replaying import judgement

from .deployed_tasks import Tasks
from .new_consumers import NewConsumers


def test_a_view_is_joined_to_a_running_stream_by_a_backfill_while_the_table_changes(
    tasks: Tasks, consumers: NewConsumers, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    outputs = tasks.deployed.outputs
    tasks.write(60)
    replicate, replica = consumers.like("replicate_tasks", "ReplicaTableName", "REPLICA_TABLE")
    count, counts = consumers.like("count_tasks", "TaskCountsTableName", "TASK_COUNTS_TABLE")
    consumers.map(replicate, outputs["ChangeStreamArn"])
    consumers.map(count, outputs["TasksTableStreamArn"])
    monkeypatch.setattr(judgement, "FRESH_SECONDS", 0)
    eventually(partial(reaches, tasks, counts))
    over = Event()

    def write_on() -> None:
        while not over.is_set():
            tasks.write(3)

    writer = Thread(target=write_on)
    writer.start()
    try:
        for function in (replicate, count):
            receipt = str(tmp_path / function)
            said = tasks.deployed.streamctl(
                "backfill", function, "--rate", "400", "--receipt", receipt, "--apply", "--json"
            )
            assert (said.code, said.document["complete"]) == (Exit.FINE, True), said
    finally:
        over.set()
        writer.join()

    eventually(lambda: tasks.visible(replica) == tasks.rows(tasks.table))
    eventually(lambda: tasks.totals(counts) == tasks.counted())


def test_a_view_that_is_made_by_a_replay_is_that_of_a_consumer_that_ran_from_the_beginning(
    tasks: Tasks, consumers: NewConsumers, tmp_path: Path
) -> None:
    outputs, client = tasks.deployed.outputs, tasks.deployed.client("lambda")
    begin = datetime.now(UTC).isoformat()
    tasks.write(60)
    for name in ("ReplicateTasksFunctionName", "RecordHistoryFunctionName"):
        client.invoke(FunctionName=outputs[name], Payload=json.dumps({"Records": tasks.captured()}).encode())
    replicate, replica = consumers.like("replicate_tasks", "ReplicaTableName", "REPLICA_TABLE")

    said = tasks.deployed.streamctl(
        *("replay", replicate, "--since", begin, "--rate", "1000", "--apply", "--json"),
        *("--receipt", str(tmp_path / "receipt")),
    )

    assert said.code == Exit.FINE
    assert tasks.rows(replica) == tasks.rows(outputs["ReplicaTableName"])
    assert tasks.visible(replica) == tasks.rows(tasks.table)


def reaches(tasks: Tasks, view: str) -> bool:
    """Write, and tell whether the view has anything of it yet: from then on its mapping misses nothing."""
    tasks.write(1)
    return bool(tasks.rows(view))
