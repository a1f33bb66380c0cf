"""The stack in one screen."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from builders import task
from streamctl.exits import Exit

from .world import Deployed

Refuse = Callable[..., None]


def resting_poison(found: dict[str, Any]) -> int:
    """How many of count_tasks' records rest; other tests leave some in the same bucket."""
    of = ("CountTasks", "poison", "resting")
    return sum(
        each["records"] for each in found["parked"] if (each["function"], each["reason"], each["standing"]) == of
    )


def test_streams_mappings_queues_and_parked_records_are_shown(deployed: Deployed) -> None:
    list_id = "status"
    deployed.write(task(list_id=list_id))
    before = deployed.streamctl("status", "--json").document
    key = deployed.park("CountTasks", deployed.changes(list_id)[-1])

    found = deployed.streamctl("status", "--json").document
    screen = deployed.streamctl("status").out

    deployed.client("s3").delete_object(Bucket=deployed.outputs["ParkedRecordsBucketName"], Key=key)
    assert {each["stream"]: each["retentionHours"] for each in found["streams"]} == {
        "table": 24,
        "changes": 48,
        "ledger": 48,
    }
    assert {each["function"] for each in found["mappings"] if each["source"] == "table"} == {
        "CountTasks",
        "ArchiveTasks",
    }
    assert [each["queue"] for each in found["queues"]] == ["failed", "dead-letters"]
    assert resting_poison(found) == resting_poison(before) + 1
    assert all(name in screen for name in ("ChangeStream", "RecoverBatches", "dead-letters", "poison"))


def test_what_asks_for_a_person_is_the_exit_code(deployed: Deployed) -> None:
    said = deployed.streamctl("status", "--json")

    assert said.code == Exit.ATTENTION  # the mappings of this stack are at rest
    assert any(each.startswith("the mapping of CountTasks (table) is Disabled") for each in said.document["attention"])


def test_a_section_that_is_not_permitted_takes_no_other_with_it(deployed: Deployed, refuse: Refuse) -> None:
    refuse(service="s3", operation="ListObjectsV2", error="AccessDenied", status=403)

    said = deployed.streamctl("status", "--json")

    assert said.code == Exit.NOT_PERMITTED
    assert "s3:ListBucket on" in said.document["parked"]["error"]["message"]
    assert said.document["mappings"]


def test_without_cloudwatch_all_but_the_ages_is_shown(deployed: Deployed, refuse: Refuse) -> None:
    refuse(service="monitoring", error="AccessDenied", status=403)

    said = deployed.streamctl("status", "--json")

    assert said.code == Exit.NOT_PERMITTED
    assert "cloudwatch:GetMetricData" in said.document["metrics"]["error"]["message"]
    assert said.document["mappings"]
    assert said.document["queues"]


def test_a_failed_batch_that_recovery_keeps_trying_is_as_old_as_recovery_says(deployed: Deployed) -> None:
    """SQS leaves out of its own metric what was received three times and is still there."""
    deployed.write(task(list_id="waiting"))
    deployed.send(deployed.failed("CountTasks", deployed.changes("waiting")[-1]))
    datum = {
        "MetricName": "WaitedSeconds",
        "Value": 10800,
        "Dimensions": [{"Name": "service", "Value": "recover_batches"}],
        "Timestamp": datetime.now(UTC) - timedelta(minutes=13),  # soon out of sight of the other tests
    }
    deployed.client("cloudwatch").put_metric_data(Namespace=f"Changestream/{deployed.name}", MetricData=[datum])

    said = deployed.streamctl("status", "--json")

    deployed.drain()
    (failed,) = (each for each in said.document["queues"] if each["queue"] == "failed")
    assert failed["oldestSeconds"] == 10800
    assert "a failed batch waits for 3 h: recovery does not finish it" in said.document["attention"]


@pytest.mark.parametrize(
    "body", ["half", json.dumps({"manifest": {"version": 1, "reason": "poison", "parkedAt": 5}, "payload": None})]
)
def test_an_object_that_nobody_here_wrote_is_told_and_no_obstacle(deployed: Deployed, body: str) -> None:
    where = {"Bucket": deployed.outputs["ParkedRecordsBucketName"], "Key": "parked/nobody/undated/shard/1-2.json"}
    deployed.client("s3").put_object(**where, Body=body)

    said = deployed.streamctl("status", "--json")

    deployed.client("s3").delete_object(**where)
    assert {
        "function": "nobody",
        "reason": "foreign",
        "standing": "foreign",
        "objects": 1,
        "records": 0,
    } in said.document["parked"]
    assert "1 object under nobody among the parked records: not ours" in said.document["attention"]
