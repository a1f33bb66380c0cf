"""A smoke test of a deployed stack: the item that it writes, what it says of every view, and what stays behind."""

from collections.abc import Callable

import pytest

from streamctl.exits import Exit
from streamctl.explaining.verdict import Verdict

from .smoke_deliveries import OF_CHANGES, OF_TABLE, items
from .world import Deployed, Json, Said

pytestmark = pytest.mark.filterwarnings("ignore:No application metrics to publish")


def in_table(deployed: Deployed, said: Said) -> bool:
    list_id, _, task_id = said.document["item"].partition("/")
    key = {"listId": {"S": list_id}, "taskId": {"S": task_id}}
    return "Item" in deployed.client("dynamodb").get_item(TableName=said.document["table"], Key=key)


def verdicts(step: Json) -> dict[str, str]:
    return {each["function"]: each["verdict"] for each in step["views"]}


def test_an_item_is_followed_into_every_view_and_removed(deployed: Deployed, deliver: Callable[..., None]) -> None:
    deliver()

    said = deployed.streamctl("smoke", "--apply", "--json")

    assert (said.code, said.document["passed"]) == (Exit.FINE, True), said
    assert [each["step"] for each in said.document["steps"]] == ["written", "removed"]
    written, removed = map(verdicts, said.document["steps"])
    assert written.keys() == removed.keys() == set(verdict_names())
    assert written.pop("ArchiveTasks") == Verdict.NOT_CONCERNED
    assert set(written.values()) == {Verdict.APPLIED}
    assert not in_table(deployed, said)


def test_a_view_that_does_not_get_the_item_is_named_and_the_item_is_removed_all_the_same(
    deployed: Deployed, deliver: Callable[..., None]
) -> None:
    deliver("replicate_tasks")

    said = deployed.streamctl("smoke", "--apply", "--json", "--timeout", "50")

    assert (said.code, said.document["passed"]) == (Exit.ATTENTION, False)
    (written,) = said.document["steps"]
    late = {function for function, verdict in verdicts(written).items() if verdict == Verdict.NOT_YET}
    assert late == {"ReplicateTasks"}
    assert not in_table(deployed, said)


def test_what_a_person_sees_names_the_view_and_the_next_step(deployed: Deployed, deliver: Callable[..., None]) -> None:
    deliver("record_history")

    said = deployed.streamctl("smoke", "--apply", "--timeout", "50")

    assert "did not reach every view" in said.out
    assert "record_history" in said.out
    assert "streamctl explain streamctl-smoke/task-" in said.out


def test_a_dry_run_writes_nothing(deployed: Deployed) -> None:
    before = items(deployed, "table")

    said = deployed.streamctl("smoke", "--json")

    assert (said.code, said.document["steps"], said.document["passed"]) == (Exit.FINE, [], None)
    assert items(deployed, "table") == before


def verdict_names() -> list[str]:
    return ["".join(word.title() for word in each.split("_")) for each in (*OF_TABLE, "archive_tasks", *OF_CHANGES)]
