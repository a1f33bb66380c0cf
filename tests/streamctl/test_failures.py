"""The failed batches that wait, looked at without being consumed."""

import json
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from builders import TEST_EVENT, notification, object_created, task
from streamctl.exits import Exit
from streamctl.reading.looks import RECEIPTS_FOR_RECOVERY, looks_left

from .world import Deployed

Json = dict[str, Any]

MOST_RECEIPTS = 40


@pytest.fixture(autouse=True)
def _state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STREAMCTL_STATE", str(tmp_path))


@pytest.fixture(autouse=True)
def _empty(deployed: Deployed) -> None:
    for output in ("FailedBatchesQueueUrl", "FailedBatchesDeadLetterQueueUrl"):
        deployed.drain(output)


def given_up(deployed: Deployed, stream: str = "table") -> Json:
    """A change whose batch a mapping gave up."""
    list_id = f"list-{uuid4().hex[:8]}"
    deployed.write(task(list_id=list_id))
    (change,) = deployed.changes(list_id, stream)
    return dict(change)


def counts(deployed: Deployed, queue: str = "FailedBatchesQueueUrl") -> tuple[int, int]:
    """How many messages a queue has: visible, and in flight."""
    found = deployed.client("sqs").get_queue_attributes(QueueUrl=deployed.outputs[queue], AttributeNames=["All"])
    names = ("ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible")
    visible, in_flight = (int(found["Attributes"][name]) for name in names)
    return visible, in_flight


def received(deployed: Deployed, times: int) -> None:
    """Receive the messages of the queue so often, each time giving them back."""
    for _ in range(times):
        deployed.client("sqs").receive_message(
            QueueUrl=deployed.outputs["FailedBatchesQueueUrl"], MaxNumberOfMessages=10, VisibilityTimeout=0
        )


@pytest.mark.parametrize(("function", "stream"), [("CountTasks", "table"), ("ReplicateTasks", "changes")])
def test_a_failed_batch_is_shown_with_the_records_it_points_to(deployed: Deployed, function: str, stream: str) -> None:
    change = given_up(deployed, stream)
    deployed.send(deployed.failed(function, change))

    said = deployed.streamctl("failures", "--json")
    screen = deployed.streamctl("failures").out

    (failure,) = said.document["failures"]
    assert said.code == Exit.ATTENTION
    assert failure["batch"]["condition"] == "RetryAttemptsExhausted"
    assert [each["key"] for each in failure["records"]] == [change["key"]]
    assert failure["gaps"] == []
    assert function in screen
    assert change["key"] in screen


def test_looking_consumes_nothing_and_says_what_it_costs(deployed: Deployed) -> None:
    for _ in range(12):
        deployed.send(deployed.failed("CountTasks", given_up(deployed)) if _ == 0 else {"no": "message"})

    said = deployed.streamctl("failures", "--no-records")

    assert counts(deployed) == (12, 0)
    assert f"Received 12 messages and gave them back: 1 of {MOST_RECEIPTS} receipts are used" in said.err


@pytest.mark.parametrize("raw", [True, False])
def test_the_envelopes_of_topics_and_of_buckets_are_opened(deployed: Deployed, raw: bool) -> None:
    change = given_up(deployed)
    message = deployed.failed("ArchiveTasks", change)
    day = f"{change['shardId']}/2026/01/01/2026-01-01T00.01.00"
    bucket, key = deployed.outputs["FailedBatchesBucketName"], f"aws/lambda/mapping/{day}-{uuid4()}"
    deployed.client("s3").put_object(Bucket=bucket, Key=key, Body=json.dumps(message))
    deployed.drain()  # of what S3 said of it itself
    announced = object_created(bucket, key)
    for body in (message, announced):
        deployed.send(body if raw else notification(json.dumps(body)))

    found = deployed.streamctl("failures", "--json").document["failures"]

    assert {each["envelope"] for each in found} == {"message", f"object s3://{bucket}/{key}"}
    assert [[record["key"] for record in each["records"]] for each in found] == [[change["key"]]] * 2


def test_what_is_no_failed_batch_is_shown_with_what_is_wrong(deployed: Deployed) -> None:
    deployed.send("no JSON")
    deployed.send(TEST_EVENT)

    found = deployed.streamctl("failures", "--json").document["failures"]

    assert {each["envelope"] for each in found} == {"unknown", "s3 test event"}
    assert any("not JSON" in str(each["problem"]) for each in found)


def test_a_record_that_is_gone_from_the_stream_is_told_as_a_gap(deployed: Deployed) -> None:
    change = given_up(deployed)
    first = int(change["sequenceNumber"]) - 10**15
    deployed.send(deployed.failed("CountTasks", change | {"sequenceNumber": str(first)}))

    (failure,) = deployed.streamctl("failures", "--json").document["failures"]

    assert failure["gaps"] or failure["problem"]


def test_nothing_that_waits_is_nothing_to_attend_to(deployed: Deployed) -> None:
    said = deployed.streamctl("failures")

    assert said.code == Exit.FINE
    assert "No failed batch waits." in said.out


def test_receipts_that_recovery_needs_are_never_taken_twice(deployed: Deployed) -> None:
    deployed.send({"no": "message"})
    received(deployed, MOST_RECEIPTS - RECEIPTS_FOR_RECOVERY - 1)

    last = deployed.streamctl("failures", "--json")
    after = [deployed.streamctl("failures", "--json") for _ in range(3)]

    assert last.document["looksLeft"] == 0
    assert {said.code for said in after} == {Exit.ATTENTION}
    assert all("recovery needs them" in said.err for said in after)
    assert counts(deployed) == (1, 0)
    assert counts(deployed, "FailedBatchesDeadLetterQueueUrl") == (0, 0)


def test_a_queue_whose_messages_have_no_receipts_to_spare_is_not_looked_at() -> None:
    assert looks_left(0, RECEIPTS_FOR_RECOVERY) == 0
    assert looks_left(1, MOST_RECEIPTS) == MOST_RECEIPTS - RECEIPTS_FOR_RECOVERY - 1
    assert looks_left(1000, None) is None


def test_dead_letters_are_looked_at_as_often_as_one_likes(deployed: Deployed) -> None:
    change = given_up(deployed)
    deployed.send(deployed.failed("CountTasks", change), "FailedBatchesDeadLetterQueueUrl")

    said = deployed.streamctl("failures", "--dead-letters", "--json")

    assert said.document["looksLeft"] is None
    assert [record["key"] for record in said.document["failures"][0]["records"]] == [change["key"]]
