"""The command line on a stack of recovery/template.yaml alone: functions and streams are somebody else's."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from conftest import ClientOf
from streamctl.exits import Exit

from .foreign_stack import ForeignStack


@pytest.fixture(scope="module")
def _foreign(endpoint: str) -> ForeignStack:
    return ForeignStack(endpoint)


@pytest.fixture
def foreign(
    _foreign: ForeignStack, client_of: ClientOf, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[ForeignStack]:
    """The stack, with nothing that waits in its queues."""
    monkeypatch.setenv("STREAMCTL_STATE", str(tmp_path))
    yield _foreign
    for output in ("FailedBatchesQueueUrl", "FailedBatchesDeadLetterQueueUrl"):
        _foreign.drain(output)


def test_the_status_shows_the_mappings_of_the_functions_that_recovery_may_invoke(foreign: ForeignStack) -> None:
    said = foreign.streamctl("status", "--json")

    found = said.document
    table, stream = f"table/{foreign.table}", f"stream/{foreign.stream}"
    assert said.code == Exit.ATTENTION  # the mappings are at rest
    assert found["metrics"] is None
    assert found["logs"] is None
    assert {(each["source"], each["function"]) for each in found["mappings"]} == {
        (table, foreign.function),
        (stream, foreign.function),
        ("failed", "RecoverBatches"),
    }
    assert {(each["stream"], each["resource"], each["retentionHours"]) for each in found["streams"]} == {
        (table, foreign.table, 24),
        (stream, foreign.stream, 24),
    }
    assert [each["queue"] for each in found["queues"]] == ["failed", "dead-letters"]
    disabled = f"the mapping of {foreign.function} ({table}) is Disabled"
    assert any(each.startswith(disabled) for each in found["attention"])


def test_the_status_names_the_function_of_what_is_parked(foreign: ForeignStack) -> None:
    record = foreign.order("7")
    key = foreign.park(foreign.failed_order(record), record)

    screen = foreign.streamctl("status").out

    foreign.client("s3").delete_object(Bucket=foreign.outputs["ParkedRecordsBucketName"], Key=key)
    assert f"1 parked object of {foreign.function} (poison)" in screen


def test_a_failed_change_of_a_table_is_shown_by_its_keys(foreign: ForeignStack) -> None:
    foreign.send(foreign.failed_order(foreign.order("1", parcels={"N": "2"})))

    said = foreign.streamctl("failures", "--json")
    screen = foreign.streamctl("failures").out

    (failure,) = said.document["failures"]
    assert said.code == Exit.ATTENTION
    assert failure["problem"] is None
    assert [(each["stream"], each["key"]) for each in failure["records"]] == [(f"table/{foreign.table}", "ada/1")]
    assert foreign.function in screen
    assert "INSERT  ada/1  parcels 2" in screen


@pytest.mark.parametrize(
    ("data", "shown"),
    [
        (b'{"amount": 12}', '{"amount": 12}'),
        (b"\x00\xff[red]", "\\x00\\xff[red]"),
        (b"long " * 1000, f"{'long ' * 23}long…"),
    ],
    ids=["text", "bytes", "long"],
)
def test_a_failed_kinesis_record_is_shown_by_its_partition_key_and_the_beginning_of_its_data(
    foreign: ForeignStack, data: bytes, shown: str
) -> None:
    put = foreign.payment("customer-1", data)
    foreign.send(foreign.failed_payment(put))

    found = foreign.streamctl("failures", "--json").document
    screen = foreign.streamctl("failures").out

    ((record,),) = (each["records"] for each in found["failures"])
    assert record["partitionKey"] == "customer-1"
    assert record["poison"] is None
    assert f"{put['SequenceNumber']}  customer-1  {shown}\n" in screen


def test_parked_records_are_listed_and_shown_by_the_name_of_the_foreign_function(foreign: ForeignStack) -> None:
    record = foreign.order("2", parcels={"N": "3"})
    key = foreign.park(foreign.failed_order(record), record)

    listed = foreign.streamctl("parked", "list", "--function", foreign.function, "--json").document["parked"]
    shown = foreign.streamctl("parked", "show", key)

    foreign.client("s3").delete_object(Bucket=foreign.outputs["ParkedRecordsBucketName"], Key=key)
    assert [(each["key"], each["function"]) for each in listed] == [(key, foreign.function)]
    assert "INSERT  ada/2" in shown.out
    assert "+ parcels  3" in shown.out


def test_a_parked_kinesis_record_is_shown_as_it_is(foreign: ForeignStack) -> None:
    put = foreign.payment("customer-2", b"paid [in full]")
    message = foreign.failed_payment(put)
    body = {"partitionKey": "customer-2", "data": "cGFpZCBbaW4gZnVsbF0=", "sequenceNumber": put["SequenceNumber"]}
    key = foreign.park(message, {"kinesis": body, "eventSourceARN": foreign.stream_arn})

    shown = foreign.streamctl("parked", "show", key)

    foreign.client("s3").delete_object(Bucket=foreign.outputs["ParkedRecordsBucketName"], Key=key)
    assert "customer-2  paid [in full]" in shown.out


def test_a_redrive_delivers_to_the_foreign_function(foreign: ForeignStack) -> None:
    good, bad = foreign.order("3"), foreign.order("4", bad={"BOOL": True})
    keys = [foreign.park(foreign.failed_order(each), each) for each in (good, bad)]

    said = foreign.streamctl("redrive", "--function", foreign.function, "--apply", "--json")
    given_up = foreign.streamctl("discard", keys[1], "--reason", "never ordered", "--apply", "--json")

    assert said.code == Exit.ATTENTION
    assert {each["key"]: each["outcome"] for each in said.document["objects"]} == {
        keys[0]: "applied",
        keys[1]: "failed",
    }
    assert [each["outcome"] for each in given_up.document["objects"]] == ["discarded"]


def test_dead_letters_go_back_to_the_queue(foreign: ForeignStack) -> None:
    foreign.send(foreign.failed_order(foreign.order("5")), "FailedBatchesDeadLetterQueueUrl")

    said = foreign.streamctl("requeue", "--apply", "--json")

    assert said.document == {"waiting": 0, "requeued": 1}
    assert len(foreign.streamctl("failures", "--no-records", "--json").document["failures"]) == 1


def test_a_foreign_function_is_paused_and_resumed_by_its_name(foreign: ForeignStack) -> None:
    resumed = foreign.streamctl("resume", foreign.function, "--json")
    stranger = foreign.streamctl("pause", foreign.stranger)

    assert {each["source"]: each["retentionHours"] for each in resumed.document["mappings"]} == {
        f"table/{foreign.table}": 24,
        f"stream/{foreign.stream}": 24,
    }
    assert stranger.code == Exit.USAGE
    assert foreign.function in stranger.err


@pytest.mark.parametrize(
    "command",
    [
        ("explain", "ada/1"),
        ("replay", "count_tasks", "--since", "-2h"),
        ("backfill", "count_tasks"),
        ("smoke",),
        ("smoke", "--apply"),
        ("tail", "table", "--no-follow"),
        ("shards",),
    ],
    ids=" ".join,
)
def test_a_command_that_needs_the_application_says_so_in_one_line(
    foreign: ForeignStack, command: tuple[str, ...]
) -> None:
    said = foreign.streamctl(*command)

    assert said.code == Exit.MISSING
    assert said.err == (
        f"streamctl: this command needs the stack of Changestream's template, and {foreign.name} is recovery's\n"
    )


def test_a_queue_of_somebody_else_may_have_no_dead_letters(endpoint: str, client_of: ClientOf) -> None:
    foreign = ForeignStack(endpoint, own_queue=False)

    found = foreign.streamctl("status", "--json").document
    requeue = foreign.streamctl("requeue")

    assert [each["queue"] for each in found["queues"]] == ["failed"]
    assert requeue.code == Exit.MISSING
    assert "has no dead-letter queue" in requeue.err
