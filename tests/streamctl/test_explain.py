"""What became of one change in every view."""

from typing import Any
from uuid import uuid4

import pytest

from builders import task
from changestream.core.failed_batch import ParkReason
from ledger_builders import licence, revision
from streamctl.exits import Exit
from streamctl.explaining.kept import revision_of
from streamctl.explaining.subject import Search
from streamctl.explaining.verdict import Verdict
from streamctl.stack import Stack, Target

from .world import Deployed, Said

OF_TABLE = ("count_tasks", "archive_tasks")
OF_CHANGES = ("index_tasks", "replicate_tasks", "record_history", "announce_changes", "measure_changes")


def written(deployed: Deployed, *statuses: str) -> str:
    """The key of a task that was written with one status after the other."""
    list_id = f"list-{uuid4().hex[:8]}"
    deployed.write(*(task(list_id=list_id, status=status) for status in statuses))
    return f"{list_id}/task-1"


def deliver(deployed: Deployed, key: str, number: int | None = None) -> None:
    """Deliver the changes of a task, or one of them, to all views."""
    for stream, functions in (("table", OF_TABLE), ("changes", OF_CHANGES)):
        changes = deployed.changes(key.partition("/")[0], stream)
        for function in functions:
            deployed.deliver(function, *(changes if number is None else [changes[number]]))


@pytest.fixture
def trimmed(monkeypatch: pytest.MonkeyPatch) -> None:
    """The command line finds no shard in any stream: all that they had is trimmed."""
    for module in ("streamctl.explaining.scans", "streamctl.reading.following"):
        monkeypatch.setattr(f"{module}.shards_of", lambda *_: [])


def verdicts(said: Said) -> dict[str, str]:
    return {each["view"]: each["verdict"] for each in said.document["views"]}


def test_what_was_delivered_is_applied_in_every_view_that_it_concerns(deployed: Deployed) -> None:
    key = written(deployed, "open")
    deliver(deployed, key)

    said = deployed.streamctl("explain", key, "--json")

    found = verdicts(said)
    assert said.code == Exit.FINE
    assert found.pop("archive_tasks") == Verdict.NOT_CONCERNED
    assert set(found.values()) == {Verdict.APPLIED}
    assert len(found) == 6
    assert [each["stream"] for each in said.document["records"]] == ["table", "changes"]


def test_an_older_change_is_superseded_where_only_the_newest_counts(deployed: Deployed) -> None:
    key = written(deployed, "open", "done")
    deliver(deployed, key)
    older = deployed.changes(key.partition("/")[0])[0]

    found = verdicts(deployed.streamctl("explain", older["sequenceNumber"], "--json"))

    superseded = {view for view, verdict in found.items() if verdict == Verdict.SUPERSEDED}
    assert superseded == {"count_tasks", "index_tasks", "replicate_tasks"}
    assert {found[view] for view in ("record_history", "measure_changes", "announce_changes")} == {Verdict.APPLIED}


def test_a_change_that_came_to_no_view_is_not_there_yet(deployed: Deployed) -> None:
    key = written(deployed, "open")

    said = deployed.streamctl("explain", key, "--json")

    assert said.code == Exit.FINE
    assert set(verdicts(said).values()) == {Verdict.NOT_YET, Verdict.NOT_CONCERNED}


def test_what_is_parked_or_waits_is_told_where_a_view_lacks_it(
    deployed: Deployed, monkeypatch: pytest.MonkeyPatch, tmp_path: Any
) -> None:
    monkeypatch.setenv("STREAMCTL_STATE", str(tmp_path))
    key = written(deployed, "open")
    list_id = key.partition("/")[0]
    (of_table,), (captured,) = deployed.changes(list_id), deployed.changes(list_id, "changes")
    parked = deployed.park("CountTasks", of_table, ParkReason.UNAVAILABLE)
    deployed.send(deployed.failed("ReplicateTasks", captured))

    said = deployed.streamctl("explain", key, "--messages", "--json")

    deployed.client("s3").delete_object(Bucket=deployed.outputs["ParkedRecordsBucketName"], Key=parked)
    found = verdicts(said)
    assert said.code == Exit.ATTENTION
    assert (found["count_tasks"], found["replicate_tasks"]) == (Verdict.PARKED, Verdict.WAITING)
    assert [each["key"] for each in said.document["parked"]] == [parked]
    assert [each["batch"]["condition"] for each in said.document["messages"]] == ["RetryAttemptsExhausted"]


def test_the_ids_of_events_lead_to_the_same_change(deployed: Deployed) -> None:
    key = written(deployed, "open")
    list_id = key.partition("/")[0]
    (of_table,), (captured,) = deployed.changes(list_id), deployed.changes(list_id, "changes")
    names = [of_table["eventId"], captured["eventId"], f"{captured['shardId']}:{captured['sequenceNumber']}"]

    found = [deployed.streamctl("explain", name, "--json").document["records"] for name in names]

    numbers = [of_table["sequenceNumber"], captured["sequenceNumber"]]
    assert [[each["sequenceNumber"] for each in records] for records in found] == [numbers] * 3


def test_a_revision_of_a_ledger_is_explained_by_its_document(deployed: Deployed) -> None:
    document = f"document-{uuid4().hex[:8]}"
    deployed.client("kinesis").put_record(
        StreamName=deployed.outputs["LedgerStreamName"], PartitionKey="a", Data=revision(0, licence(), document)
    )

    before = verdicts(deployed.streamctl("explain", document, "--json"))
    said = deployed.streamctl("explain", f"{document}/0", "--json")
    (record,) = said.document["records"]
    deployed.deliver("project_licences", record)
    after = verdicts(deployed.streamctl("explain", document, "--json"))

    assert (before, after) == ({"project_licences": Verdict.NOT_YET}, {"project_licences": Verdict.APPLIED})


def test_a_view_that_may_not_be_asked_takes_no_other_with_it(deployed: Deployed, refuse: Any) -> None:
    key = written(deployed, "open")
    deliver(deployed, key)
    table = deployed.outputs["ReplicaTableName"]
    refuse(service="dynamodb", operation="GetItem", resource=table, error="AccessDeniedException")

    said = deployed.streamctl("explain", key, "--json")

    (replica,) = [each for each in said.document["views"] if each["view"] == "replicate_tasks"]
    assert said.code == Exit.ATTENTION
    assert replica["verdict"] == Verdict.UNKNOWN
    assert f"not permitted: dynamodb:GetItem on {table}" in replica["why"]
    assert verdicts(said)["count_tasks"] == Verdict.APPLIED


@pytest.mark.parametrize("unknown", ["123456789012345678901", "9" * 56, "nobody/task-1"])
def test_what_no_stream_has_is_told(deployed: Deployed, unknown: str) -> None:
    said = deployed.streamctl("explain", unknown)

    assert said.code == Exit.MISSING
    assert f"no stream has {unknown}" in said.err


def test_a_trimmed_change_is_explained_by_what_is_parked_of_it(deployed: Deployed, trimmed: None) -> None:
    key = written(deployed, "open")
    (change,) = deployed.changes(key.partition("/")[0])
    parked = deployed.park("CountTasks", change)

    said = deployed.streamctl("explain", change["sequenceNumber"], "--json")

    deployed.client("s3").delete_object(Bucket=deployed.outputs["ParkedRecordsBucketName"], Key=parked)
    assert [each["key"] for each in said.document["records"]] == [key]
    assert verdicts(said)["count_tasks"] == Verdict.PARKED
    assert verdicts(said)["replicate_tasks"] == Verdict.UNKNOWN


def test_a_trimmed_task_is_explained_by_its_newest_revision(deployed: Deployed, trimmed: None) -> None:
    key = written(deployed, "open", "done")
    deliver(deployed, key)

    said = deployed.streamctl("explain", key, "--json")

    (record,) = said.document["records"]
    assert record["newImage"]["status"] == {"S": "done"}
    assert verdicts(said)["replicate_tasks"] == Verdict.APPLIED
    assert verdicts(said)["record_history"] == Verdict.APPLIED
    assert verdicts(said)["count_tasks"] == Verdict.UNKNOWN


def test_a_change_whose_captured_record_is_trimmed_is_known_by_its_revision(deployed: Deployed) -> None:
    key = written(deployed, "open", "done")
    deliver(deployed, key)
    older, _ = deployed.changes(key.partition("/")[0])
    stack = Stack(Target(deployed.name, endpoint=deployed.endpoint))

    found = Search(stack).find(older["sequenceNumber"])

    assert found.captured
    assert found.of_table
    assert found.of_table.change
    kept = revision_of(stack, found.of_table.change)
    assert kept
    assert kept.change
    assert found.captured.change
    assert kept.change.position == found.captured.change.position


def test_the_screen_says_it_in_one_row_for_each_view(deployed: Deployed) -> None:
    key = written(deployed, "open")

    said = deployed.streamctl("explain", key)

    rows = [line for line in said.out.splitlines() if "not yet" in line]
    assert len(rows) == 6
    assert key in said.out
