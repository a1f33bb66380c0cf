"""``streamctl cost`` needs no stack, and nothing of AWS."""

import pytest

from streamctl.exits import Exit

from .world import streamctl


def test_a_workload_is_told_view_by_view_with_what_is_met_next_and_what_would_save() -> None:
    said = streamctl("cost", "--changes-per-second", "50", "--window", "5")

    assert said.code == Exit.FINE
    assert all(view in said.out for view in ("count_tasks", "record_history", "project_licences", "in all"))
    assert "Met next, at" in said.out
    assert "Cheaper by" in said.out


def test_a_program_gets_a_document() -> None:
    said = streamctl("cost", "--changes-per-second", "2000", "--hot", "0.5", "--fan-out", "enhanced", "--json")

    document = said.document
    assert document["choices"]["fan_out"] == "enhanced"
    assert document["given"]["hot"] == 0.5
    assert document["month"]["total"] == pytest.approx(sum(part["total"] for part in document["parts"]), abs=1)
    assert "requests of TasksApi" in [limit["name"] for limit in document["exceeded"]]


def test_without_a_rate_there_is_no_cost() -> None:
    assert streamctl("cost").code == Exit.USAGE


def test_it_asks_for_no_stack() -> None:
    assert "--stack" not in streamctl("cost", "--help").out
