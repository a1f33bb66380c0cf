"""``streamctl backfill``: what it shows, what it refuses, what it does."""

import json
from pathlib import Path
from typing import Any

import pytest

from builders import task
from changestream.core.position import ORIGIN
from streamctl.exits import Exit

from .deployed_tasks import Tasks
from .killed import killed
from .new_consumers import NewConsumers
from .world import Deployed

Json = dict[str, Any]


@pytest.fixture
def receipt(tmp_path: Path) -> Path:
    return tmp_path / "receipt.jsonl"


def new_replica(consumers: NewConsumers) -> tuple[str, str]:
    """Make a consumer of ChangeStream, mapped to it from its end on."""
    name, table = consumers.like("replicate_tasks", "ReplicaTableName", "REPLICA_TABLE")
    consumers.map(name, consumers.deployed.outputs["ChangeStreamArn"])
    return name, table


@pytest.mark.parametrize(
    ("function", "instead"),
    [
        ("archive_tasks", "it keeps changes, and an item in the table is not a change"),
        ("announce_changes", "Replay the time that lacks effects instead"),
        ("measure_changes", "Replay the time to be counted instead"),
        ("record_history", "Replay an older history into it instead"),
        ("project_licences", "Have the stream's producer send them again"),
    ],
)
def test_a_consumer_that_keeps_changes_and_no_state_is_refused_and_told_what_to_do_instead(
    deployed: Deployed, function: str, instead: str
) -> None:
    said = deployed.streamctl("backfill", function)

    assert said.code == Exit.USAGE
    assert instead in said.err


def test_a_consumer_that_is_not_joined_to_the_changes_is_refused_because_removals_would_pass_it_by(
    deployed: Deployed, consumers: NewConsumers
) -> None:
    name, _ = consumers.like("replicate_tasks", "ReplicaTableName", "REPLICA_TABLE")

    unmapped = deployed.streamctl("backfill", name)
    disabled = deployed.streamctl("backfill", "count_tasks")

    assert (unmapped.code, disabled.code) == (Exit.USAGE, Exit.USAGE)
    assert "it has no mapping" in unmapped.err
    assert "is Disabled" in disabled.err
    assert "wait until the mapping is Enabled, then backfill" in disabled.err


def test_a_mapping_that_may_miss_changes_still_is_refused(deployed: Deployed, consumers: NewConsumers) -> None:
    name, _ = consumers.like("count_tasks", "TaskCountsTableName", "TASK_COUNTS_TABLE")
    consumers.map(name, deployed.outputs["TasksTableStreamArn"])

    said = deployed.streamctl("backfill", name)

    assert said.code == Exit.USAGE
    assert "Wait, or map it from TRIM_HORIZON" in said.err


def test_a_dry_run_counts_the_items_and_sends_nothing(tasks: Tasks, consumers: NewConsumers) -> None:
    tasks.put(task("task-1", tasks.list_id), task("task-2", tasks.list_id))
    name, replica = new_replica(consumers)

    said = tasks.deployed.streamctl("backfill", name, "--rate", "4", "--json")

    assert said.code == Exit.FINE
    assert (said.document["records"], said.document["estimatedSeconds"]) == (2, 0.5)
    assert said.document["table"] == tasks.table
    assert tasks.rows(replica) == []


def test_what_was_never_changed_since_stands_in_the_view_at_the_origin_and_what_fails_is_told(
    tasks: Tasks, consumers: NewConsumers, receipt: Path
) -> None:
    good, bad = task("task-1", tasks.list_id, raw={"BS": [b"\x00", b"\xff"]}), task("task-2", tasks.list_id, status="?")
    tasks.put(good, bad)
    name, replica = new_replica(consumers)

    said = tasks.deployed.streamctl("backfill", name, "--receipt", str(receipt), "--apply", "--json")

    assert said.code == Exit.ATTENTION
    assert tasks.rows(replica) == [dict(sorted((good | {"watermark": {"S": ORIGIN}}).items()))]
    ((undone),) = said.document["undone"]
    assert undone["record"] == {"keys": {"listId": {"S": tasks.list_id}, "taskId": {"S": "task-2"}}}
    assert "task with status '?'" in undone["reason"]
    assert json.loads(receipt.read_text().splitlines()[0])["run"]["command"] == "backfill"


def test_a_backfill_that_is_killed_goes_on_and_delivers_nothing_again_that_is_known_as_applied(
    tasks: Tasks, consumers: NewConsumers, receipt: Path
) -> None:
    tasks.put(*(task(f"task-{n:02}", tasks.list_id) for n in range(20)))
    name, replica = new_replica(consumers)

    command = ("backfill", name, "--rate", "40", "--segments", "1")
    killed(tasks.deployed, "after-delivery", 2, *command, "--receipt", str(receipt))
    known = receipt.read_text().splitlines()[1:]
    said = tasks.deployed.streamctl(*command, "--resume", str(receipt), "--apply", "--json")

    assert (said.code, said.document["applied"], len(known)) == (Exit.FINE, 20, 10)
    lines = receipt.read_text().splitlines()[1:]
    assert len(lines) == len(set(lines)) == 20
    assert len(tasks.visible(replica)) == 20
