"""``streamctl parked``, ``redrive`` and ``discard``."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from builders import capture, kinesis_record, table_record, task
from changestream.core.failed_batch import ParkReason
from ledger_builders import aggregated, licence, revision
from streamctl import screen
from streamctl.exits import Exit
from streamctl.parking import discarding
from streamctl.parking.names import id_of

from .parked_records import ParkingLot
from .world import Deployed

Json = dict[str, Any]

LATER = "2999-01-01T00:00:00.000+00:00"


@pytest.fixture
def lot(deployed: Deployed) -> Iterator[ParkingLot]:
    made = ParkingLot(deployed)
    yield made
    made.clear()


def test_what_is_parked_is_listed_by_function_day_reason_and_standing(lot: ParkingLot) -> None:
    poison = lot.park(table_record(1, new=task(status=None)))
    waiting = lot.park(table_record(2, new=task(status=None)), rounds=10)
    refused = lot.park(
        kinesis_record(1, capture(1, new=task())), function="ReplicateTasks", reason=ParkReason.UNAVAILABLE
    )

    def listed(*options: str) -> set[str]:
        said = lot.streamctl("parked", "list", "--day", lot.day, "--json", *options)
        return {each["key"] for each in said.document["parked"]}

    assert listed() == {poison, waiting, refused}
    assert listed("--function", "count_tasks") == {poison, waiting}
    assert listed("--function", "ReplicateTasksFunction") == {refused}
    assert listed("--reason", "unavailable") == {refused}
    assert listed("--standing", "waiting") == {waiting}


def test_a_list_ends_with_1_only_where_something_waits_for_a_person(lot: ParkingLot) -> None:
    lot.park(table_record(1, new=task(status=None)))
    resting = lot.streamctl("parked", "list", "--day", lot.day)
    lot.park(table_record(2, new=task(status=None)), rounds=10)

    waiting = lot.streamctl("parked", "list", "--day", lot.day)

    assert (resting.code, waiting.code) == (Exit.FINE, Exit.ATTENTION)
    assert "task without status" in waiting.out
    assert "10 rounds" in waiting.out


def test_a_key_is_whole_on_the_narrowest_terminal(lot: ParkingLot, monkeypatch: pytest.MonkeyPatch) -> None:
    key = lot.park(table_record(1, new=task(status=None)))
    monkeypatch.setattr(screen, "WIDTH_WHEN_PIPED", 80)

    said = lot.streamctl("parked", "list", "--day", lot.day)

    assert len(key) > 80
    assert f"  {key}\n" in said.out


def test_a_list_says_until_when_an_object_rests_and_who_holds_it(lot: ParkingLot) -> None:
    resting = lot.park(table_record(1, new=task(status=None)), notBefore=LATER)
    held = lot.park(table_record(2, new=task(status=None)), heldUntil=LATER, heldBy="another run")

    said = lot.streamctl("parked", "list", "--day", lot.day)
    listed = lot.streamctl("parked", "list", "--day", lot.day, "--standing", "resting", "--json").document["parked"]

    assert [each["key"] for each in listed] == [resting]
    assert f"resting   {id_of(resting)}  poison  1 record  until 2999-01-01T00:00:00.000Z" in said.out
    assert f"held      {id_of(held)}  poison  1 record  by another run" in said.out


def test_an_object_is_shown_with_what_each_of_its_records_changed(lot: ParkingLot) -> None:
    before = task(note={"M": {"a": {"N": "1"}, "b": {"S": "same"}}}, picture={"B": "AAE="})
    after = task(status="?", note={"M": {"a": {"N": "2"}, "b": {"S": "same"}}}, tags={"SS": ["x", "y"]})
    key = lot.park(table_record(1, new=after, old=before), table_record(2, old=after))

    said = lot.streamctl("parked", "show", key)

    assert said.code == Exit.FINE
    for line in ("~ status  open > ?", "~ note.a  1 > 2", "- picture", '+ tags  ["x", "y"]', "REMOVE  list-1/task-1"):
        assert line in said.out
    assert "note.b" not in said.out
    assert "RetryAttemptsExhausted" in said.out
    (modified, removed) = lot.streamctl("parked", "show", key, "--json").document["changes"]
    assert [each["path"] for each in modified["differences"]] == ["note.a", "picture", "status", "tags"]
    assert removed["newImage"] is None


def test_a_captured_change_and_the_revisions_of_a_ledger_are_shown_like_any_other(lot: ParkingLot) -> None:
    table = lot.deployed.outputs["TasksTableName"]
    change = capture(1, new=task(), old=task(status="done"), tableName=table)
    captured = lot.park(kinesis_record(1, change), function="ReplicateTasks")
    ledger = lot.park(
        aggregated(2, revision(3, licence(penaltyPoints=7), "document-1"), b"no Ion"),
        function="ProjectLicences",
        stream_arn=lot.deployed.outputs["LedgerStreamArn"],
    )

    assert "~ status  done > open" in lot.streamctl("parked", "show", captured).out
    revisions = lot.streamctl("parked", "show", ledger)
    assert "document-1" in revisions.out
    assert "+ penaltyPoints  7" in revisions.out
    assert "poison  not an Ion document" in revisions.out


@pytest.mark.parametrize(
    ("record", "holds"),
    [
        (kinesis_record(1, b"no change \x1b[31m\xff"), "no change \\x1b[31m\\xff"),
        (table_record(1, new=task()) | {"eventName": "EXPLODE"}, "buy milk"),
    ],
)
def test_a_record_that_nobody_understands_is_shown_as_it_is_without_doing_anything_to_the_terminal(
    lot: ParkingLot, record: Json, holds: str
) -> None:
    key = lot.park(record, function="CountTasks" if "dynamodb" in record else "ReplicateTasks")

    said = lot.streamctl("parked", "show", key)

    assert "poison  " in said.out
    assert holds in said.out
    assert "\x1b" not in said.out


def test_a_record_of_another_producer_is_shown_as_foreign(lot: ParkingLot) -> None:
    key = lot.park(kinesis_record(1, {"kinesis": 1}), function="ReplicateTasks")

    said = lot.streamctl("parked", "show", key)

    assert "foreign  " in said.out
    assert '{"kinesis": 1}' in said.out


def test_a_parked_record_without_a_time_is_shown(lot: ParkingLot) -> None:
    record = table_record(1, new=task())
    del record["dynamodb"]["ApproximateCreationDateTime"]

    assert "INSERT" in lot.streamctl("parked", "show", lot.park(record)).out


def test_a_message_that_led_to_nothing_is_shown_with_its_body(lot: ParkingLot) -> None:
    key = f"parked/malformed/{lot.day.replace('-', '/')}/message-1.json"
    manifest = '{"version": 1, "reason": "malformed_message", "message": "not JSON", "messageId": "message-1"}'
    lot.put(key, b'{"manifest": %s, "payload": null, "body": "what it said", "found": {}}' % manifest.encode())

    said = lot.streamctl("parked", "show", key)

    assert said.code == Exit.ATTENTION
    assert "what it said" in said.out


def test_a_key_that_is_not_there_and_an_object_that_is_not_ours_are_told_apart(lot: ParkingLot) -> None:
    foreign = f"parked/x/{lot.day.replace('-', '/')}/shard/foreign.json"
    lot.put(foreign, b"{")

    missing = lot.streamctl("parked", "show", "parked/nothing.json")
    unreadable = lot.streamctl("parked", "show", foreign)
    listed = lot.streamctl("parked", "list", "--day", lot.day, "--json")

    assert (missing.code, unreadable.code, listed.code) == (Exit.MISSING, Exit.ATTENTION, Exit.ATTENTION)
    assert listed.document["parked"][0]["standing"] == "foreign"


def test_a_dry_run_of_a_redrive_delivers_nothing_and_says_what_would_go(lot: ParkingLot) -> None:
    goes = lot.park(table_record(1, new=task(list_id=lot.day)), rounds=10)
    held = lot.park(table_record(2, new=task(list_id=lot.day)), heldBy="a run", heldUntil=LATER)

    said = lot.streamctl("redrive", "--day", lot.day, "--json")

    assert said.code == Exit.FINE
    assert {each["key"]: each["outcome"] for each in said.document["objects"]} == {goes: "goes", held: "held"}
    assert set(lot.keys("parked/")) == {goes, held}


def test_a_redrive_says_what_became_of_each_object(lot: ParkingLot) -> None:
    good = lot.park(table_record(1, new=task(list_id=lot.day)), rounds=10)
    bad = lot.park(table_record(2, new=task("task-2", lot.day, status=None)))
    mixed = lot.park(
        table_record(3, new=task("task-3", lot.day)), table_record(4, new=task("task-4", lot.day, status=None))
    )
    held = lot.park(table_record(5, new=task(list_id=lot.day)), heldBy="a run", heldUntil=LATER)

    said = lot.streamctl("redrive", "--day", lot.day, "--apply", "--json")

    assert said.code == Exit.ATTENTION
    assert {each["key"]: each["outcome"] for each in said.document["objects"]} == {
        good: "applied",
        bad: "failed",
        mixed: "partly",
        held: "held",
    }
    assert next(each["reason"] for each in said.document["objects"] if each["key"] == bad) == "task without status"
    assert good not in lot.keys("parked/")


@pytest.mark.parametrize("options", [[], ["parked/a.json", "--function", "count_tasks"]])
@pytest.mark.parametrize("command", [["redrive"], ["discard", "--reason", "why not"]])
def test_whoever_says_nothing_of_what_is_meant_does_not_mean_everything(
    lot: ParkingLot, command: list[str], options: list[str]
) -> None:
    said = lot.streamctl(*command, *options)

    assert said.code == Exit.USAGE
    assert "either keys or a description" in said.err


def test_what_is_discarded_is_kept_with_who_when_and_why_and_no_redrive_finds_it(lot: ParkingLot) -> None:
    key = lot.park(table_record(1, new=task(status=None)))
    original = lot.document(key)

    said = lot.streamctl("discard", key, "--reason", "it was a test", "--apply", "--json")

    assert said.code == Exit.FINE
    (kept,) = lot.keys("discarded/")
    assert said.document["objects"] == [{"key": key, "outcome": "discarded", "keptAs": kept}]
    document = lot.document(kept)
    told = document.pop("discarded")
    assert document == original
    assert (told["reason"], told["from"]) == ("it was a test", key)
    assert told["by"].startswith("arn:aws:")
    assert lot.keys("parked/") == []


def test_a_dry_run_of_a_discard_moves_nothing(lot: ParkingLot) -> None:
    key = lot.park(table_record(1, new=task(status=None)))

    said = lot.streamctl("discard", "--day", lot.day, "--reason", "it was a test", "--json")

    assert said.document["objects"][0]["outcome"] == "goes"
    assert (lot.keys("parked/"), lot.keys("discarded/")) == ([key], [])


def test_what_a_redrive_holds_and_what_is_not_ours_is_not_discarded(lot: ParkingLot) -> None:
    held = lot.park(table_record(1, new=task(status=None)), heldBy="a run", heldUntil=LATER)
    foreign = f"parked/x/{lot.day.replace('-', '/')}/shard/foreign.json"
    lot.put(foreign, b"{")

    said = lot.streamctl("discard", held, foreign, "--reason", "it was a test", "--apply", "--json")

    assert said.code == Exit.ATTENTION
    assert [each["outcome"] for each in said.document["objects"]] == ["held", "foreign"]
    assert (set(lot.keys("parked/")), lot.keys("discarded/")) == ({held, foreign}, [])


def test_what_changes_while_it_is_discarded_stays_and_leaves_no_copy(
    lot: ParkingLot, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = lot.park(table_record(1, new=task(status=None)))
    document: Callable[..., Any] = discarding.Discard.document

    def parked_anew(how: discarding.Discard, parked: Any) -> Any:
        lot.put(key, b'{"parked": "anew"}')
        return document(how, parked)

    monkeypatch.setattr(discarding.Discard, "document", parked_anew)

    said = lot.streamctl("discard", key, "--reason", "it was a test", "--apply", "--json")

    assert said.document["objects"][0]["outcome"] == "changed"
    assert (said.code, lot.document(key)) == (Exit.ATTENTION, {"parked": "anew"})
    assert lot.keys("discarded/") == []
