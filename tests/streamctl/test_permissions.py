"""What docs/streamctl.md says that a command has to be allowed is what it asks for."""

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from builders import object_created, task
from conftest import ROOT
from streamctl.calls import Calls, action_of
from streamctl.exits import Exit
from streamctl.explaining.current import CurrentItems
from streamctl.smoke import Smoke
from streamctl.stack import local_calls

from .new_consumers import NewConsumers
from .smoke_deliveries import items
from .world import Deployed

BY_ALL = frozenset({"cloudformation:DescribeStacks", "cloudformation:ListStackResources"})
BY_HTTP = "es:ESHttpPost"
"""Asked for without a client."""


def documented() -> dict[str, set[str]]:
    """The actions of each command that asks for any, those that it has of another command included."""
    page = (ROOT / "docs" / "streamctl.md").read_text()
    rows = dict(re.findall(r"^\| `(\w+)` \| (.*\w+:\w+.*) \|$", page, re.MULTILINE))

    def actions(text: str) -> set[str]:
        inherited = [
            actions(rows[other].partition("; with `--messages`")[0] if without else rows[other])
            for other, without in re.findall(r"those of `(\w+)`( without `--messages`)?", text)
        ]
        return set(re.findall(r"`(\w+:\w+)`", text)).union(*inherited)

    return {name: actions(text) for name, text in rows.items()}


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[set[str]]:
    """The actions that commands ask for from now on."""
    actions: set[str] = set()
    before = Calls._before

    def noted(self: Calls, params: dict[str, Any], model: Any, context: dict[str, Any], **more: Any) -> None:
        actions.add(action_of(model))
        before(self, params, model, context, **more)

    monkeypatch.setattr(Calls, "_before", noted)
    local_calls.cache_clear()
    monkeypatch.setenv("STREAMCTL_STATE", str(tmp_path))
    yield actions
    local_calls.cache_clear()


def failed_a_while_ago(deployed: Deployed, service: str) -> None:
    """Have a consumer of the stack seem to have failed, so that its log is read; soon out of sight of other tests."""
    datum = {
        "MetricName": "Failed",
        "Value": 1,
        "Dimensions": [{"Name": "service", "Value": service}],
        "Timestamp": datetime.now(UTC) - timedelta(minutes=13),
    }
    deployed.client("cloudwatch").put_metric_data(Namespace=f"Changestream/{deployed.name}", MetricData=[datum])


def test_commands_ask_for_what_is_documented_and_nothing_else(
    deployed: Deployed, consumers: NewConsumers, asked: set[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    list_id = f"list-{uuid4().hex[:8]}"
    deployed.drain()
    deployed.write(task(list_id=list_id))
    (of_table,), (captured,) = deployed.changes(list_id), deployed.changes(list_id, "changes")
    key = deployed.park("CountTasks", of_table)
    deployed.send(deployed.failed("ReplicateTasks", captured))
    deployed.send(deployed.failed("CountTasks", of_table))
    written_by_a_mapping = f"aws/lambda/{uuid4()}/{captured['shardId']}/2026/11/21/2026-11-21T06.00.00-{uuid4()}"
    deployed.send(object_created(deployed.outputs["FailedBatchesBucketName"], written_by_a_mapping))
    whole = ("--horizon", "--no-follow", "--json", "--rate", "1000")
    consumer, _ = consumers.like("replicate_tasks", "ReplicaTableName", "REPLICA_TABLE")
    consumers.map(consumer, deployed.outputs["ChangeStreamArn"])
    failed_a_while_ago(deployed, "record_history")

    def during(*commands: tuple[str, ...]) -> set[str]:
        asked.clear()
        for command in commands:
            deployed.streamctl(*command)
        return asked - BY_ALL

    found = {
        "status": during(("status", "--json")),
        "pause": during(("pause", consumer), ("pause", "RecoverBatches"), ("pause", consumer, "--apply")),
        "resume": during(("resume", "RecoverBatches"), ("resume", consumer, "--apply")),
        "shards": during(("shards", "--json")),
        "tail": during(("tail", "table", *whole), ("tail", "changes", *whole)),
        "failures": during(("failures", "--json")),
        "explain": during(("explain", f"{list_id}/task-1", "--messages", "--json")) | {BY_HTTP},
    }

    monkeypatch.setattr(CurrentItems, "is_as_left_by", lambda *_: False)
    found["explain"] |= during(("explain", f"{list_id}/task-1", "--json"))  # which may not be the newest

    deployed.drain()
    deployed.client("s3").delete_object(Bucket=deployed.outputs["ParkedRecordsBucketName"], Key=key)
    wanted = documented()
    assert found == {name: wanted[name] for name in found}


@pytest.mark.filterwarnings("ignore:No application metrics to publish")
def test_a_smoke_test_asks_for_what_is_documented_and_a_dry_run_for_nothing(
    deployed: Deployed, deliver: Callable[..., None], asked: set[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    parked: list[str] = []

    def park_the_change(_: float) -> None:
        newest = max(items(deployed, "changes"), key=lambda change: int(change["sequenceNumber"]))
        parked.append(deployed.park("ReplicateTasks", newest))

    dry = deployed.streamctl("smoke", "--json")
    asked_by_dry_run = asked - BY_ALL
    deliver()
    passed = deployed.streamctl("smoke", "--apply", "--json")
    monkeypatch.setattr(CurrentItems, "is_as_left_by", lambda *_: False)  # the change may not be the newest
    monkeypatch.setattr(Smoke.__init__, "__defaults__", (park_the_change, count(0, 10).__next__))
    failed = deployed.streamctl("smoke", "--apply", "--json", "--timeout", "50")

    for key in parked:
        deployed.client("s3").delete_object(Bucket=deployed.outputs["ParkedRecordsBucketName"], Key=key)
    assert (dry.code, passed.code, failed.code) == (Exit.FINE, Exit.FINE, Exit.ATTENTION)
    assert asked_by_dry_run == set()
    assert (asked - BY_ALL) | {BY_HTTP} == documented()["smoke"]
