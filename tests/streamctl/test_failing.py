"""A consumer that fails, seen while it happens: by metrics, by its log, and by the age of its records."""

import json
from datetime import UTC, datetime
from typing import Any
from urllib.request import Request, urlopen

import pytest

from builders import task
from recovery_world import eventually
from streamctl.exits import Exit
from streamctl.reading import failing
from streamctl.reading.failing import described, is_growing, recent
from streamctl.reading.failure_log import Failed, failure_of

from .new_consumers import NewConsumers
from .world import Deployed, Said

NOW = datetime(2026, 11, 21, 6, 30, 20, tzinfo=UTC).timestamp()
MINUTE = NOW // 60 * 60


def at(*minutes_ago: int, value: float = 1.0) -> list[tuple[float, float]]:
    """Points of a metric, the newest first."""
    return [(MINUTE - 60 * ago, value) for ago in minutes_ago]


def test_a_consumer_without_failures_has_none() -> None:
    assert recent(at(0, 1, 2, value=0), [], NOW) is None


def test_failures_are_counted_and_dated_from_the_first_without_a_longer_pause() -> None:
    found = recent(at(0), at(1, 3, 12, value=5), NOW)

    assert found is not None
    assert (found["failedInvocations"], found["failedRecords"]) == (1, 15)
    assert found["since"] == "2026-11-21T06:27:00.000Z"
    assert found["ongoing"]


def test_failures_of_a_while_ago_are_over() -> None:
    found = recent([], at(5, 6), NOW)

    assert found is not None
    assert (found["since"], found["ongoing"]) == ("2026-11-21T06:24:00.000Z", False)


@pytest.mark.parametrize(
    ("pauses", "silence", "ongoing"),
    [((1, 2), 29, True), ((1, 2), 31, False), ((30, 60), 140, True), ((30, 60), 160, False), ((), 149, True)],
)
def test_failures_go_on_until_the_next_retry_would_have_failed(
    pauses: tuple[float, ...], silence: float, ongoing: bool
) -> None:
    times = [NOW - silence - sum(pauses[number:]) for number in range(len(pauses) + 1)]
    failures = [Failed(each, "unavailable", f"number {number}") for number, each in enumerate(times)]

    found = described(failures, NOW)

    assert found["ongoing"] is ongoing
    assert found["reason"] == f"number {len(pauses)}"


@pytest.mark.parametrize(
    ("ages", "grows"),
    [((180, 60), True), ((60, 180), False), ((60, 60), False), ((80, 60), False), ((60,), None), ((), None)],
)
def test_a_lag_grows_if_it_ages_at_least_half_as_fast_as_time_passes(
    ages: tuple[float, ...], grows: bool | None
) -> None:
    points = [(MINUTE - 120 * number, age * 1000) for number, age in enumerate(ages)]

    assert is_growing(points) is grows


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (
            json.dumps({"message": "batch stopped", "kind": "poison", "reason": "no\n status"}),
            Failed(NOW, "poison", "no status"),
        ),
        (
            json.dumps({"log_level": "ERROR", "errorType": "KeyError", "errorMessage": "'owner'", "stackTrace": []}),
            Failed(NOW, "crash", "KeyError: 'owner'"),
        ),
        (
            json.dumps({"type": "platform.report", "record": {"status": "timeout"}}),
            Failed(NOW, "timeout", "the invocation timed out"),
        ),
        (json.dumps({"message": "batch applied"}), None),
        ('"batch stopped"', None),
        ("[1, 2", None),
        ("batch stopped", None),
    ],
)
def test_a_log_line_tells_of_a_failure_or_not(line: str, expected: Failed | None) -> None:
    assert failure_of(NOW, line) == expected


def test_a_long_reason_is_cut() -> None:
    found = failure_of(NOW, json.dumps({"message": "batch stopped", "reason": "x" * 100_000}))

    assert found is not None
    assert len(found.reason) == 300


def mapping(said: Said, function: str) -> dict[str, Any]:
    (row,) = (each for each in said.document["mappings"] if each["function"] == function)
    return dict(row)


def test_the_refusal_of_a_consumers_table_is_told_while_it_lasts_and_no_longer(
    deployed: Deployed, consumers: NewConsumers, refuse: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    function, table = consumers.like("replicate_tasks", "ReplicaTableName", "REPLICA_TABLE")
    consumers.map(function, deployed.outputs["ChangeStreamArn"])
    refuse(service="dynamodb", resource=table, error="ProvisionedThroughputExceededException", message="too [busy]")

    deployed.write(task(list_id="refused"))
    eventually(
        lambda: (mapping(deployed.streamctl("status", "--json"), function)["recentFailures"] or {}).get("reason")
    )
    said = deployed.streamctl("status", "--json")

    row = mapping(said, function)
    (told,) = (each for each in said.document["attention"] if each.startswith(f"{function} (changes) fails since"))
    assert said.code == Exit.ATTENTION
    assert row["recentFailures"]["ongoing"]
    assert row["recentFailures"]["failedRecords"] >= 1
    assert "too [busy]" in told

    refuse_nothing(deployed)
    eventually(lambda: deployed.client("dynamodb").scan(TableName=table)["Count"])
    monkeypatch.setattr(failing, "time", lambda: datetime.now(UTC).timestamp() + 151)
    said = deployed.streamctl("status", "--json")

    assert not mapping(said, function)["recentFailures"]["ongoing"]
    assert [each for each in said.document["attention"] if function in each] == []


def refuse_nothing(deployed: Deployed) -> None:
    with urlopen(Request(f"{deployed.endpoint}/_local/refusals", method="DELETE")) as answer:
        answer.read()


def test_without_the_log_only_the_reason_is_missing(deployed: Deployed, refuse: Any) -> None:
    datum = {
        "MetricName": "Failed",
        "Value": 3,
        "Dimensions": [{"Name": "service", "Value": "archive_tasks"}],
        "Timestamp": datetime.now(UTC),
    }
    deployed.client("cloudwatch").put_metric_data(Namespace=f"Changestream/{deployed.name}", MetricData=[datum])
    refuse(service="logs", error="AccessDeniedException", status=403)

    said = deployed.streamctl("status", "--json")

    assert said.code == Exit.NOT_PERMITTED
    assert "logs:FilterLogEvents" in said.document["logs"]["error"]["message"]
    assert mapping(said, "ArchiveTasks")["recentFailures"]["failedRecords"] == 3


def test_a_disabled_mapping_has_no_lag_but_a_time_that_is_left(deployed: Deployed) -> None:
    row = mapping(deployed.streamctl("status", "--json"), "CountTasks")

    assert row["lagSeconds"] is None
    assert datetime.fromisoformat(row["disabledSince"]) <= datetime.now(UTC)
    assert 23 < row["hoursLeft"] <= 24
