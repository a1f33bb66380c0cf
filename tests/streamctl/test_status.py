"""The stack in one screen."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.request import Request, urlopen

import pytest
from rich.console import Console

from builders import task
from changestream.core.redrive import Standing
from streamctl import watching
from streamctl.attention import attention_of
from streamctl.exits import Exit
from streamctl.status_screen import mappings, status_screen
from streamctl_world import Deployed

Refuse = Callable[..., None]

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


def test_watching_ends_with_ctrl_c_and_the_code_of_the_last_look(
    deployed: Deployed, monkeypatch: pytest.MonkeyPatch
) -> None:
    pauses = interrupted_after(2, monkeypatch)

    said = deployed.streamctl("status", "--watch", "--every", "3", "--json")

    assert said.code == Exit.ATTENTION
    assert len(said.lines) == 2
    assert pauses == [3.0, 3.0]


def test_watching_survives_a_stack_that_does_not_answer_for_a_while(
    deployed: Deployed, monkeypatch: pytest.MonkeyPatch, refuse: Refuse
) -> None:
    def out_of_order(number: int) -> None:
        if number == 1:
            refuse(service="cloudformation", error="ServiceUnavailable", status=503)
        if number == 3:
            heal()

    def heal() -> None:
        with urlopen(Request(f"{deployed.endpoint}/_local/refusals", method="DELETE")) as answer:
            answer.read()

    interrupted_after(4, monkeypatch, out_of_order)

    said = deployed.streamctl("status", "--watch", "--json")

    first, *without_answer, last = said.lines
    assert said.code == Exit.ATTENTION
    assert {each["error"]["kind"] for each in without_answer} == {"refused"}
    assert len({each["error"]["since"] for each in without_answer}) == 1
    assert first["stack"] == last["stack"] == deployed.name


def test_watching_ends_with_the_code_of_the_last_look_if_that_failed(
    deployed: Deployed, monkeypatch: pytest.MonkeyPatch, refuse: Refuse
) -> None:
    def out_of_order(number: int) -> None:
        if number == 1:
            refuse(service="cloudformation", error="AccessDenied", status=403)

    interrupted_after(2, monkeypatch, out_of_order)

    assert deployed.streamctl("status", "--watch").code == Exit.NOT_PERMITTED


def interrupted_after(
    pauses: int, monkeypatch: pytest.MonkeyPatch, meanwhile: Callable[[int], None] = lambda _: None
) -> list[float]:
    """Have the watch run on without waiting, and end with Ctrl-C in its n-th pause; return the pauses."""
    seen: list[float] = []

    def pause(seconds: float) -> None:
        seen.append(seconds)
        meanwhile(len(seen))
        if len(seen) == pauses:
            raise KeyboardInterrupt

    monkeypatch.setattr(watching, "sleep", pause)
    return seen
