"""``streamctl explain KEY``: the newest change, and what is said where it may not be the newest."""

from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest

from builders import task
from streamctl.exits import Exit
from streamctl.explaining import scans
from streamctl.explaining.scans import Scans

from .world import Deployed, Said

CAPTURED = "record_history"


@pytest.fixture
def list_id() -> str:
    return f"list-{uuid4().hex[:8]}"


@pytest.fixture
def unread(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The streams are not read; which would have been, in order."""
    asked: list[str] = []

    def nothing(_: Scans, name: str, *__: Any) -> Iterator[Any]:
        asked.append(str(name))
        return iter(())

    monkeypatch.setattr(Scans, "stretch", nothing)
    return asked


def status_of(said: Said) -> set[str]:
    return {each["newImage"]["status"]["S"] for each in said.document["records"]}


def test_the_history_is_asked_first_and_is_enough_where_the_table_agrees(
    deployed: Deployed, list_id: str, unread: list[str]
) -> None:
    deployed.write(task(list_id=list_id), task(list_id=list_id, status="done"))
    deployed.deliver(CAPTURED, *deployed.changes(list_id, "changes"))

    said = deployed.streamctl("explain", f"{list_id}/task-1", "--json")

    assert status_of(said) == {"done"}
    assert (said.document["isNewest"], said.document["doubts"]) == (True, [])
    assert unread == ["changes", "table"]  # for the records of this change alone


def test_a_change_that_the_history_lacks_is_found_at_the_tip_of_the_stream(deployed: Deployed, list_id: str) -> None:
    deployed.write(task(list_id=list_id), task(list_id=list_id, status="done"))
    deployed.deliver(CAPTURED, deployed.changes(list_id, "changes")[0])

    said = deployed.streamctl("explain", f"{list_id}/task-1", "--json")

    assert status_of(said) == {"done"}
    assert (said.document["isNewest"], said.document["doubts"]) == (True, [])


def test_a_change_that_is_not_captured_is_found_in_the_stream_of_the_table(
    deployed: Deployed, list_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    deployed.write(task(list_id=list_id), task(list_id=list_id, status="done"))
    stretch = Scans.stretch

    def without_capture(self: Scans, name: Any, start: Any) -> Iterator[Any]:
        return stretch(self, name, start) if name == "table" else iter(())

    monkeypatch.setattr(Scans, "stretch", without_capture)

    said = deployed.streamctl("explain", f"{list_id}/task-1", "--json")

    assert [each["stream"] for each in said.document["records"]] == ["table"]
    assert status_of(said) == {"done"}
    assert said.document["isNewest"] is True


def test_it_says_so_where_the_history_is_behind_and_no_stream_has_the_newest(
    deployed: Deployed, list_id: str, unread: list[str]
) -> None:
    deployed.write(task(list_id=list_id), task(list_id=list_id, status="done"))
    deployed.deliver(CAPTURED, deployed.changes(list_id, "changes")[0])

    said = deployed.streamctl("explain", f"{list_id}/task-1", "--json")
    screen = deployed.streamctl("explain", f"{list_id}/task-1")

    assert (said.code, screen.code) == (Exit.ATTENTION, Exit.ATTENTION)
    assert status_of(said) == {"open"}
    assert said.document["isNewest"] is False
    different, history = said.document["doubts"]
    assert "a newer change exists that was not found" in different
    assert history == "the mapping of RecordHistory is Disabled: the history ends where it stopped"
    assert screen.out.count("! May not be the newest change: ") == 2


def test_it_says_so_where_the_time_for_reading_is_over(
    deployed: Deployed, list_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    deployed.write(task(list_id=list_id), task(list_id=list_id, status="done"))
    deployed.deliver(CAPTURED, deployed.changes(list_id, "changes")[0])
    monkeypatch.setattr(scans, "SCAN_SECONDS", -1)
    monkeypatch.setattr("streamctl.explaining.scans.seen", lambda *_: [])

    said = deployed.streamctl("explain", f"{list_id}/task-1", "--json")
    unknown = deployed.streamctl("explain", "nobody/task-1")

    assert said.document["isNewest"] is False
    assert any("the stream changes was read for" in each for each in said.document["doubts"])
    assert unknown.code == Exit.MISSING
    assert "nobody/task-1 is not in what could be read of" in unknown.err


def test_it_says_so_where_the_table_may_not_be_asked(deployed: Deployed, list_id: str, refuse: Any) -> None:
    deployed.write(task(list_id=list_id))
    table = deployed.outputs["TasksTableName"]
    refuse(service="dynamodb", operation="GetItem", resource=table, error="AccessDeniedException")

    said = deployed.streamctl("explain", f"{list_id}/task-1", "--json")

    assert said.code == Exit.ATTENTION
    assert said.document["isNewest"] is None
    assert f"not permitted: dynamodb:GetItem on {table}" in said.document["doubts"][0]


@pytest.mark.parametrize("key", [("a/b", "task-1"), ("a", "task-1/2"), ("a%2F", "task-/[x]")])
def test_ids_with_slashes_are_found(deployed: Deployed, list_id: str, key: tuple[str, str], unread: list[str]) -> None:
    of_list, task_id = f"{list_id}{key[0]}", key[1]
    deployed.write(task(task_id, of_list))
    deployed.deliver(CAPTURED, *deployed.changes(of_list, "changes"))

    said = deployed.streamctl("explain", f"{of_list}/{task_id}", "--json")

    assert [each["key"] for each in said.document["records"]] == [f"{of_list}/{task_id}"]
    assert said.document["isNewest"] is True


def test_a_task_that_is_gone_is_explained_by_its_removal(deployed: Deployed, list_id: str, unread: list[str]) -> None:
    deployed.write(task(list_id=list_id))
    deployed.delete(task(list_id=list_id))
    deployed.deliver(CAPTURED, *deployed.changes(list_id, "changes"))

    said = deployed.streamctl("explain", f"{list_id}/task-1", "--json")

    assert [each["kind"] for each in said.document["records"]] == ["REMOVE"]
    assert said.document["isNewest"] is True


def test_sets_that_are_read_in_another_order_are_the_same(deployed: Deployed, list_id: str, unread: list[str]) -> None:
    deployed.write(task(list_id=list_id, tags={"SS": ["z", "a", "m"]}, raw={"BS": [b"\x02", b"\x01"]}))
    deployed.deliver(CAPTURED, *deployed.changes(list_id, "changes"))

    assert deployed.streamctl("explain", f"{list_id}/task-1", "--json").document["isNewest"] is True


def test_a_change_that_is_asked_for_by_its_number_need_not_be_the_newest(deployed: Deployed, list_id: str) -> None:
    deployed.write(task(list_id=list_id), task(list_id=list_id, status="done"))
    older, _ = deployed.changes(list_id)

    said = deployed.streamctl("explain", older["sequenceNumber"], "--json")

    assert status_of(said) == {"open"}
    assert (said.document["isNewest"], said.document["doubts"]) == (None, [])
