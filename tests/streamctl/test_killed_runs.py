"""A run that is killed at any point goes on from its receipt, and ends in the view of one that was never killed."""

import json
from pathlib import Path
from typing import Any

import pytest

from streamctl.exits import Exit

from .killed import killed
from .recorded_history import Revisions
from .world import Deployed

pytestmark = pytest.mark.journey


def revisions_done(receipt: Path) -> list[str]:
    documents = [json.loads(line) for line in receipt.read_text().splitlines()[1:]]
    return [document["record"]["revision"] for document in documents]


def test_a_replay_that_is_killed_before_and_after_a_delivery_and_in_a_line_ends_as_one_that_never_was(
    deployed: Deployed, tmp_path: Path
) -> None:
    revisions, receipt = Revisions(deployed), tmp_path / "receipt.jsonl"
    revisions.many(32)
    resume = ("replay", "replicate_tasks", "--rate", "40", "--resume", str(receipt))

    begin = ("replay", "replicate_tasks", *revisions.interval, "--rate", "40", "--receipt", str(receipt))
    killed(deployed, "before-delivery", 2, *begin)
    done = revisions_done(receipt)
    killed(deployed, "after-delivery", 1, *resume)
    assert (revisions_done(receipt), len(done)) == (done, 10)
    killed(deployed, "in-the-line", 1, *resume)
    assert not receipt.read_bytes().endswith(b"\n")
    last = deployed.streamctl(*resume, "--apply", "--json")

    assert (last.code, last.document["applied"], last.document["records"]) == (Exit.FINE, 32, 32)
    assert len(set(revisions_done(receipt))) == len(revisions_done(receipt)) == 32
    assert revisions.rows(deployed.outputs["ReplicaTableName"]) == never_killed(revisions, tmp_path / "another.jsonl")


def never_killed(revisions: Revisions, receipt: Path) -> list[dict[str, Any]]:
    """The view of a replay that ran through, into rows that were removed before."""
    deployed, table = revisions.deployed, revisions.deployed.outputs["ReplicaTableName"]
    for row in revisions.rows(table):
        key = {name: row[name] for name in ("listId", "taskId")}
        deployed.client("dynamodb").delete_item(TableName=table, Key=key)
    said = revisions.replay("replicate_tasks", "--rate", "1000", "--receipt", str(receipt), "--apply")
    assert said.code == Exit.FINE
    return revisions.rows(table)
