"""``streamctl replay``: what it shows, what it refuses, what it does."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from builders import kinesis_record
from recovery_world import CONSUMER, zipped
from streamctl.exits import Exit

from .parked_records import ParkingLot
from .recorded_history import Revisions
from .world import Deployed

Json = dict[str, Any]


@pytest.fixture
def revisions(deployed: Deployed) -> Revisions:
    return Revisions(deployed)


@pytest.fixture
def receipt(tmp_path: Path) -> Path:
    return tmp_path / "receipt.jsonl"


@pytest.fixture
def new_function(deployed: Deployed) -> Iterator[Callable[[str], str]]:
    """Make a function that no stack knows; return its ARN."""
    client, made = deployed.client("lambda"), []

    def make(source: str) -> str:
        answer = client.create_function(
            FunctionName=f"new-{uuid4().hex[:8]}",
            Runtime="python3.13",
            Role="arn:aws:iam::123456789012:role/new",
            Handler="consumer.handler",
            Code={"ZipFile": zipped(source)},
        )
        made.append(answer["FunctionArn"])
        return str(answer["FunctionArn"])

    yield make
    for arn in made:
        client.delete_function(FunctionName=arn)


def test_a_dry_run_says_what_would_go_and_sends_nothing(revisions: Revisions) -> None:
    revisions.change("task-1")
    revisions.change("task-1", status="done")
    revisions.remove("task-1")

    said = revisions.replay("replicate_tasks", "--rate", "2", "--json")

    assert said.code == Exit.FINE
    told = said.document
    assert (told["records"], told["estimatedSeconds"], told["batchSize"], told["applied"]) == (3, 1.5, 1, 0)
    assert (told["since"], told["until"]) == (revisions.since, revisions.until)
    assert told["first"]["task"] == told["last"]["task"] == f"{revisions.list_id}/task-1"
    assert told["first"]["at"] < told["last"]["at"]
    assert revisions.rows(revisions.deployed.outputs["ReplicaTableName"]) == []


def test_what_is_replayed_stands_in_the_view_with_its_positions_and_in_the_receipt(
    revisions: Revisions, receipt: Path
) -> None:
    revisions.change("task-1")
    revisions.change("task-2")
    revisions.change("task-1", status="done")
    revisions.remove("task-2")

    said = revisions.replay("ReplicateTasksFunction", "--rate", "1000", "--receipt", str(receipt), "--apply", "--json")

    assert said.code == Exit.FINE
    assert (said.document["applied"], said.document["complete"]) == (4, True)
    kept, removed = revisions.rows(revisions.deployed.outputs["ReplicaTableName"])
    assert (kept["status"], kept["taskId"]) == ({"S": "done"}, {"S": "task-1"})
    assert removed.keys() == {"listId", "taskId", "watermark"}
    assert removed["watermark"]["S"] > kept["watermark"]["S"]
    _, *lines = [json.loads(line) for line in receipt.read_text().splitlines()]
    assert [line["outcome"] for line in lines] == ["applied"] * 4
    assert [line["record"]["at"] for line in lines] == sorted(line["record"]["at"] for line in lines)


@pytest.mark.parametrize(
    ("function", "instead"),
    [
        ("count_tasks", "streamctl backfill"),
        ("CountTasksFunction", "streamctl backfill"),
        ("archive_tasks", "its rows are named after sequence numbers of the table's stream"),
        ("project_licences", "Have the stream's producer send them again"),
    ],
)
def test_a_consumer_whose_positions_are_of_another_kind_is_refused_and_told_what_to_do_instead(
    revisions: Revisions, function: str, instead: str
) -> None:
    said = revisions.replay(function)

    assert said.code == Exit.USAGE
    assert instead in said.err


def test_a_stranger_that_is_mapped_to_another_stream_is_refused(
    revisions: Revisions, new_function: Callable[[str], str]
) -> None:
    arn = new_function(CONSUMER)
    client, outputs = revisions.deployed.client("lambda"), revisions.deployed.outputs
    made = client.create_event_source_mapping(
        FunctionName=arn,
        EventSourceArn=outputs["LedgerStreamArn"],
        StartingPosition="LATEST",
        Enabled=False,
    )

    said = revisions.replay(arn)

    client.delete_event_source_mapping(UUID=made["UUID"])
    assert said.code == Exit.USAGE
    assert "positions would mix" in said.err


def test_a_function_that_no_stack_knows_is_found_by_its_arn_and_one_that_is_not_there_is_told(
    revisions: Revisions, new_function: Callable[[str], str]
) -> None:
    revisions.change("task-1", description={"S": "good"})

    found = revisions.replay(new_function(CONSUMER), "--json")
    missing = revisions.replay("nobody")

    assert (found.code, found.document["records"]) == (Exit.FINE, 1)
    assert "is none of this stack's" in found.document["notes"][0]
    assert missing.code == Exit.USAGE
    assert "there is no function nobody" in missing.err


def test_what_is_parked_for_the_history_is_told_because_the_history_lacks_it(revisions: Revisions) -> None:
    lot = ParkingLot(revisions.deployed)
    lot.park(kinesis_record(1, b"no change"), function="RecordHistory")

    said = revisions.replay("replicate_tasks", "--json")

    lot.clear()
    assert "the history lacks what is parked" in said.document["notes"][-1]


def test_what_fails_stands_in_the_receipt_and_is_tried_again_when_the_run_goes_on(
    revisions: Revisions, receipt: Path
) -> None:
    revisions.change("task-1")
    revisions.change_by_version_0_1_0("task-2", status="?")
    revisions.change("task-3")
    once = revisions.replay("replicate_tasks", "--receipt", str(receipt), "--apply", "--json")
    assert once.code == Exit.ATTENTION
    assert (once.document["applied"], once.document["failed"]) == (2, 1)
    assert "'?'" in once.document["undone"][0]["reason"]
    revisions.change("task-2", status="open")

    again = revisions.deployed.streamctl("replay", "replicate_tasks", "--resume", str(receipt), "--apply", "--json")

    assert again.code == Exit.FINE
    assert (again.document["applied"], again.document["undone"]) == (4, [])


def test_a_run_does_not_go_on_with_the_receipt_of_another(revisions: Revisions, receipt: Path) -> None:
    revisions.change("task-1")
    revisions.replay("replicate_tasks", "--receipt", str(receipt), "--apply")
    written = receipt.read_text()

    for other in (["record_history"], ["replicate_tasks", "--until", "-1m"], ["replicate_tasks", "--since", "-60d"]):
        said = revisions.deployed.streamctl("replay", *other, "--resume", str(receipt), "--apply")
        assert (said.code, "is of another run" in said.err) == (Exit.USAGE, True), other

    assert receipt.read_text() == written


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ([], "no interval is given"),
        (["--since", "-1h", "--until", "2999-01-01T00:00:00Z"], "is still to come"),
        (["--since", "-1h", "--until", "-2h"], "is empty"),
        (["--since", "2026-01-01T00:00:00"], "has no zone"),
        (["--since", "2020-01-01T00:00:00Z", "--until", "2021-01-01T00:00:00Z"], "would come back and stay"),
    ],
)
def test_an_interval_that_makes_no_sense_or_would_do_harm_is_refused(
    deployed: Deployed, options: list[str], told: str
) -> None:
    said = deployed.streamctl("replay", "replicate_tasks", *options)

    assert said.code == Exit.USAGE
    assert told in said.err


def test_an_old_interval_that_goes_up_to_now_is_harmless_to_views_and_not_to_what_is_announced(
    deployed: Deployed,
) -> None:
    views = deployed.streamctl("replay", "replicate_tasks", "--since", "2020-01-01T00:00:00Z")
    announced = deployed.streamctl("replay", "announce_changes", "--since", "2020-01-01T00:00:00Z")

    assert views.code == Exit.FINE
    assert announced.code == Exit.USAGE
    assert "would come about again" in announced.err


def test_a_missing_permission_to_invoke_is_named_and_nothing_counts_as_done(
    revisions: Revisions, receipt: Path, refuse: Callable[..., None]
) -> None:
    revisions.change("task-1")
    refuse(service="lambda", operation="Invoke", error="AccessDeniedException", status=403)

    said = revisions.replay("replicate_tasks", "--receipt", str(receipt), "--apply")

    assert said.code == Exit.NOT_PERMITTED
    assert "lambda:InvokeFunction" in said.err
    assert len(receipt.read_text().splitlines()) == 1
