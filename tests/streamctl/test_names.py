"""Functions, days, reasons and parked objects by the names that people use; unknown names are usage errors."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from builders import table_record, task
from changestream.core.redrive import Standing
from streamctl.exits import Exit, Trouble
from streamctl.functions import physical_name
from streamctl.parking.choosing import REASONS, STANDINGS
from streamctl.parking.names import id_of, key_of
from streamctl.suggestions import listed

from .parked_records import ParkingLot
from .world import Deployed

COUNT_TASKS = "changestream-CountTasksFunct-1AB"
FUNCTIONS = {COUNT_TASKS: "CountTasks", "changestream-IndexTasksFunct-2CD": "IndexTasks"}
ARN = f"arn:aws:lambda:eu-west-1:123456789012:function:{COUNT_TASKS}"


@pytest.fixture
def lot(deployed: Deployed) -> Iterator[ParkingLot]:
    made = ParkingLot(deployed)
    yield made
    made.clear()


@pytest.mark.parametrize(
    "asked",
    ["count_tasks", "CountTasks", "counttasks", "count-tasks", "CountTasksFunction", COUNT_TASKS, ARN, f"{ARN}:live"],
)
def test_a_function_goes_by_its_folder_its_name_in_status_its_logical_id_its_name_and_its_arn(asked: str) -> None:
    assert physical_name(asked, FUNCTIONS, lambda: ()) == COUNT_TASKS


def test_a_function_of_somebody_else_goes_by_its_own_name() -> None:
    assert physical_name("orders-fn", FUNCTIONS, lambda: ["orders-fn", "malformed"]) == "orders-fn"
    assert physical_name(ARN.replace(COUNT_TASKS, "orders-fn"), FUNCTIONS, lambda: ["orders-fn"]) == "orders-fn"


@pytest.mark.parametrize("asked", ["count_task", "CountTask", "kount_tasks"])
def test_an_unknown_function_is_a_usage_error_that_lists_the_known_ones_the_likeliest_first(asked: str) -> None:
    with pytest.raises(Trouble) as refused:
        physical_name(asked, FUNCTIONS, lambda: ["orders-fn"])

    assert refused.value.code is Exit.USAGE
    assert refused.value.hint == "There are: count_tasks, index_tasks, orders-fn."


def test_a_long_list_is_not_listed_to_its_end() -> None:
    told = listed("name-99", [f"name-{n}" for n in range(100)])

    assert told.startswith("There are: name-99, ")
    assert told.endswith("and 70 more.")


def test_the_names_that_status_prints_are_taken_by_the_list_of_what_is_parked(
    lot: ParkingLot, deployed: Deployed
) -> None:
    key = lot.park(table_record(1, new=task(status=None)))
    lot.put(f"parked/malformed/{lot.day.replace('-', '/')}/message-1.json", b"{")
    rows = deployed.streamctl("status", "--json").document["parked"]

    assert {each["function"] for each in rows} >= {"CountTasks", "malformed"}
    for row in rows:
        options = ("--function", row["function"], "--reason", row["reason"], "--standing", row["standing"])
        said = deployed.streamctl("parked", "list", *options, "--json")
        assert said.code in (Exit.FINE, Exit.ATTENTION), said.err
        assert len(said.document["parked"]) == row["objects"]
    said = lot.streamctl("parked", "list", "--day", lot.day, "--function", "count_tasks", "--json")
    assert [each["key"] for each in said.document["parked"]] == [key]


def tomorrow() -> str:
    return str(datetime.now(UTC).date() + timedelta(days=1))


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (["--function", "count_taks"], "There are: count_tasks"),
        (["--reason", "poisson"], "There are: poison"),
        (["--standing", "waitin"], "There are: waiting"),
        (["--day", "2026-02-30"], "2026-02-30 is no day"),
        (["--day", "20261121"], "20261121 is no day"),
        (["--day", "yesterday"], "yesterday is no day"),
        (["--day", "TOMORROW"], "nothing can have arrived on"),
    ],
)
@pytest.mark.parametrize("command", [["parked", "list"], ["redrive"], ["discard", "--reason", "a test"]])
def test_a_value_that_no_object_can_have_is_a_usage_error_that_says_what_there_is(
    deployed: Deployed, command: list[str], options: list[str], told: str
) -> None:
    wanted = [tomorrow() if each == "TOMORROW" else each for each in options]
    if command[0] == "discard" and wanted[0] == "--reason":
        wanted[0] = "--parked-for"

    said = deployed.streamctl(*command, *wanted)

    assert said.code == Exit.USAGE
    assert told in said.err


def test_every_reason_and_standing_that_an_object_may_have_is_taken() -> None:
    assert {"poison", "crash", "foreign"} <= set(REASONS)
    assert set(Standing) | {"foreign"} == set(STANDINGS)


@pytest.mark.parametrize("command", ["replay", "backfill"])
def test_replay_and_backfill_take_the_same_names(deployed: Deployed, command: str) -> None:
    options = ("--since", "-1m") if command == "replay" else ()

    found = deployed.streamctl(command, "ReplicateTasks", *options)
    unknown = deployed.streamctl(command, "ReplicateTask", *options)

    assert "there is no function" not in found.err
    assert unknown.code == Exit.USAGE
    assert "There are: replicate_tasks" in unknown.err


KEYS = [f"parked/function/2026/11/21/shard/{n}-{n}.json" for n in (100, 101, 2)] + ["parked/function/2026/11/21/x.json"]


def keys(prefix: str) -> list[str]:
    return [key for key in KEYS if key.startswith(prefix)]


def test_an_object_goes_by_its_key_by_the_beginning_of_it_and_by_its_id() -> None:
    assert key_of(KEYS[0], keys) == KEYS[0]
    assert key_of(KEYS[2][:-7], keys) == KEYS[2]
    assert [key_of(id_of(key), keys) for key in KEYS] == KEYS
    assert key_of(id_of(KEYS[1])[:6], keys) == KEYS[1]


def test_a_whole_key_is_itself_though_another_begins_with_it() -> None:
    longer = [*KEYS, f"{KEYS[0]}.json"]

    assert key_of(KEYS[0], lambda prefix: [key for key in longer if key.startswith(prefix)]) == KEYS[0]


def test_a_beginning_of_several_keys_is_a_usage_error_that_lists_them_with_their_ids() -> None:
    with pytest.raises(Trouble) as refused:
        key_of("parked/function/2026/11/21/shard/10", keys)

    assert refused.value.code is Exit.USAGE
    assert "2 parked objects" in refused.value.message
    assert all(f"{id_of(key)}  {key}" in refused.value.hint.splitlines() for key in KEYS[:2])
    assert KEYS[2] not in refused.value.hint


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        ("parked/nothing", Exit.MISSING),
        ("0123abcd", Exit.MISSING),
        ("parked/", Exit.USAGE),
        ("", Exit.USAGE),
        ("groceries/task-1", Exit.USAGE),
        ("abc", Exit.USAGE),
    ],
)
def test_what_names_no_object_is_told_apart_from_what_is_no_name(asked: str, code: Exit) -> None:
    with pytest.raises(Trouble) as refused:
        key_of(asked, keys)

    assert refused.value.code is code


def test_the_commands_take_ids_and_beginnings(lot: ParkingLot) -> None:
    first, second = (lot.park(table_record(n, new=task(status=None))) for n in (1, 2))
    listed_ids = [each["id"] for each in lot.streamctl("parked", "list", "--day", lot.day, "--json").document["parked"]]

    shown = lot.streamctl("parked", "show", id_of(first), "--json").document
    redriven = lot.streamctl("redrive", id_of(first), second[:-6], first, "--json").document
    discarded = lot.streamctl("discard", id_of(second), "--reason", "a test", "--apply", "--json").document

    assert set(listed_ids) == {id_of(first), id_of(second)}
    assert (shown["key"], shown["id"]) == (first, id_of(first))
    assert [each["key"] for each in redriven["objects"]] == [first, second]
    assert [each["key"] for each in discarded["objects"]] == [second]
    assert lot.keys("parked/") == [first]


def test_a_description_does_not_go_with_the_object_that_is_shown(lot: ParkingLot) -> None:
    key = lot.park(table_record(1, new=task(status=None)))

    said = lot.streamctl("parked", "show", key, "--reason", "crash")

    assert said.code == Exit.USAGE
