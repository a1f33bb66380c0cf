"""What asks for a person, and where it stands on the screen."""

from typing import Any

import pytest
from rich.console import Console

from changestream.core.redrive import Standing
from streamctl.attention import attention_of
from streamctl.status_screen import mappings, status_screen

SOUND: dict[str, Any] = {
    "streams": [{"stream": "table", "status": "ENABLED"}],
    "mappings": [
        {
            "function": "CountTasks",
            "source": "table",
            "state": "Enabled",
            "lastResult": "OK",
            "lagSeconds": 2.0,
            "lagGrowing": False,
            "recentFailures": None,
            "disabledSince": None,
            "hoursLeft": None,
            "maximumRecordAgeSeconds": 3600,
        }
    ],
    "queues": [
        {"queue": "failed", "visible": 1, "inFlight": 1, "delayed": 0, "oldestSeconds": 30},
        {"queue": "dead-letters", "visible": 0, "inFlight": 0, "delayed": 0, "oldestSeconds": None},
    ],
    "parked": [],
    "metrics": None,
    "logs": None,
}


FAILING = {
    "failedInvocations": 0,
    "failedRecords": 12,
    "since": "2026-11-21T06:12:00.000Z",
    "last": "2026-11-21T06:15:10.000Z",
    "ongoing": True,
    "kind": "unavailable",
    "reason": "writing a row",
}


def with_changed(section: str, **changed: Any) -> dict[str, Any]:
    """The sound state, with the last row of a section changed."""
    rows = SOUND[section]
    return SOUND | {section: [*rows[:-1], rows[-1] | changed]}


def with_parked(**row: Any) -> dict[str, Any]:
    """The sound state, with parked objects."""
    one = {"function": "CountTasks", "reason": "poison", "standing": Standing.RESTING, "objects": 2, "records": 9}
    return SOUND | {"parked": [one | row]}


def test_a_stack_at_work_asks_for_nobody() -> None:
    assert attention_of("UPDATE_COMPLETE", SOUND) == []


def test_a_mapping_that_gives_nothing_up_for_its_age_is_never_late() -> None:
    assert (
        attention_of("CREATE_COMPLETE", with_changed("mappings", lagSeconds=2000.0, maximumRecordAgeSeconds=-1)) == []
    )


@pytest.mark.parametrize("width", [60, 80, 100])
def test_a_narrow_terminal_keeps_the_names_of_mappings_whole(width: int) -> None:
    found = with_changed("mappings", function="AnnounceChanges", source="changes", lastResult="No records processed")
    console = Console(width=width)

    with console.capture() as captured:
        console.print(mappings(found["mappings"]))

    assert "AnnounceChanges  changes  Enabled" in captured.get()


@pytest.mark.parametrize(
    "changed",
    [{"recentFailures": FAILING | {"ongoing": False}}, {"lagSeconds": 20.0, "lagGrowing": True}],
    ids=["failures of a while ago", "a small lag that grows"],
)
def test_what_passes_by_itself_asks_for_nobody(changed: dict[str, Any]) -> None:
    assert attention_of("CREATE_COMPLETE", with_changed("mappings", **changed)) == []


def test_what_asks_for_a_person_stays_visible_on_a_low_terminal() -> None:
    mapping = SOUND["mappings"][0]
    failing = [
        mapping | {"function": f"Failing{n}", "recentFailures": FAILING | {"reason": "x " * 300}} for n in range(9)
    ]
    found = SOUND | {"mappings": [*(mapping | {"function": f"Sound{n}"} for n in range(9)), *failing], "streams": []}
    document: dict[str, Any] = {"stack": "s", "status": "CREATE_COMPLETE", "place": "eu-west-1"} | found
    document |= {"attention": attention_of("CREATE_COMPLETE", found)}
    console = Console(width=80, height=24)

    with console.capture() as captured:
        console.print(status_screen(document, (80, 24)))

    lines = captured.get().splitlines()
    assert len(lines) <= 23
    assert lines[1].startswith("! Failing0 (table) fails since 06:12Z")
    assert any(line.startswith("! and 4 more") for line in lines)
    assert any(line.startswith("Failing0 ") for line in lines)


def test_control_characters_of_a_reason_do_not_reach_the_terminal() -> None:
    found = with_changed("mappings", recentFailures=FAILING | {"kind": "\x1b[2J", "reason": "[red]\x1b[31m"})
    document = {"stack": "s", "status": "CREATE_COMPLETE", "place": "eu-west-1"} | found | {"streams": []}
    console = Console(width=200)

    with console.capture() as captured:
        console.print(status_screen(document | {"attention": attention_of("CREATE_COMPLETE", found)}))

    assert "\x1b" not in captured.get()
    assert "[red]" in captured.get()


@pytest.mark.parametrize(
    ("status", "found", "told"),
    [
        ("UPDATE_ROLLBACK_COMPLETE", SOUND, "the stack is UPDATE_ROLLBACK_COMPLETE"),
        ("CREATE_COMPLETE", with_changed("streams", status="DISABLED"), "the stream table is DISABLED"),
        (
            "CREATE_COMPLETE",
            with_changed("mappings", state="Disabled"),
            "the mapping of CountTasks (table) is Disabled",
        ),
        ("CREATE_COMPLETE", with_changed("mappings", lastResult="PROBLEM: Function call failed"), "the last batch of"),
        ("CREATE_COMPLETE", with_changed("mappings", lagSeconds=1900.0), "records older than 60 min are given up"),
        ("CREATE_COMPLETE", with_changed("queues", visible=2), "2 dead letters"),
        (
            "CREATE_COMPLETE",
            with_changed("mappings", recentFailures=FAILING),
            "fails since 06:12Z: unavailable: writing",
        ),
        (
            "CREATE_COMPLETE",
            with_changed("mappings", lagSeconds=200.0, lagGrowing=True),
            "3 min behind, and the lag grows",
        ),
        (
            "CREATE_COMPLETE",
            with_changed("mappings", state="Disabled", disabledSince="2026-11-21T06:12:00.000Z", hoursLeft=21.2),
            "is Disabled since 2026-11-21 06:12; its stream deletes unread records in 21 h",
        ),
        (
            "CREATE_COMPLETE",
            with_changed("queues", visible=0) | {"queues": [SOUND["queues"][0] | {"oldestSeconds": 240}]},
            "a failed batch waits for 4 min; recovery retries by itself",
        ),
        ("CREATE_COMPLETE", with_parked(standing=Standing.WAITING), "2 parked objects of CountTasks (poison) wait for"),
        ("CREATE_COMPLETE", with_parked(), "2 parked objects of CountTasks (poison) are not applied yet"),
        ("CREATE_COMPLETE", with_parked(standing="foreign"), "2 objects under CountTasks"),
    ],
)
def test_what_asks_for_a_person_is_told(status: str, found: dict[str, Any], told: str) -> None:
    (sentence,) = attention_of(status, found)

    assert told in sentence
