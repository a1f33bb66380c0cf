"""Consumers of the template are played and checked by their kind, with no list of them in the simulation."""

import pytest

from simulation.checks import views
from simulation.machine import Machine
from simulation.play import play


@pytest.fixture
def machine() -> Machine:
    return Machine()


def test_a_consumer_that_is_not_played_fails_the_run(machine: Machine) -> None:
    stack = machine.stack
    stack.mappings[:] = [mapping for mapping in stack.mappings if mapping.function != "replicate_tasks"]

    outcome = play(machine, 1, 20)

    unplayed = [one for one in outcome.violations if "is not played" in one.problem]
    assert [one.function for one in unplayed] == ["replicate_tasks"]


def test_a_view_is_checked_by_its_kind_alone(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("domain.subjects.CONTENTS", {})
    monkeypatch.setattr(views, "rows_of", lambda *_: [])

    outcome = play(machine, 1, 20)

    assert {one.function for one in outcome.violations} >= {"count_tasks", "record_history", "replicate_tasks"}
