"""What the model says of batches and lanes, the engine does in virtual time."""

from functools import cache

import pytest

from conftest import ROOT
from costs.batching import expected_distinct
from costs.check import CASES, checked
from costs.engine import Case, rehearse
from costs.limits import met
from costs.system import System
from costs.tables import engine_rows
from costs.workload import Workload

PLAYED = 30.0
played = cache(checked)


def test_batches_have_the_size_that_the_formula_says() -> None:
    errors = {name: said / found.size - 1 for name, _, found, (said, _) in played()}

    assert len(played()) == len(CASES)
    assert max(abs(error) for error in errors.values()) < 0.12


def test_batches_are_of_as_many_tasks_as_the_formula_says() -> None:
    errors = [tasks / found.tasks_in_a_batch - 1 for _, _, found, (_, tasks) in played()]

    assert max(abs(error) for error in errors) < 0.12


def test_the_page_has_the_batches_of_these_cases() -> None:
    assert engine_rows(played()) in (ROOT / "docs" / "cost.md").read_text()


@pytest.mark.parametrize(("part", "falls_behind"), [(0.7, False), (1.4, True)])
def test_lanes_fall_behind_from_the_rate_on_that_the_model_names(part: float, falls_behind: bool) -> None:
    system = System(Workload(1.0))
    (limit,) = [each for each in met(system) if each.limit.name == "lanes of announce_changes"]
    full = System(Workload(limit.rate)).part("announce_changes").load.seconds
    rate = part * limit.rate / system.change_shards
    settings = system.settings("announce_changes")

    found = rehearse(Case(rate, settings.batch_size, settings.window, settings.factor, 1, duration=full), PLAYED)

    assert found.most_at_once <= settings.factor
    assert (found.behind > PLAYED * 0.2) is falls_behind  # 0.4 of it would be if nothing else took time


def test_drawing_evenly_finds_fewer_kinds_than_it_draws() -> None:
    assert expected_distinct(1, 10) == pytest.approx(1)
    assert expected_distinct(10, 10) == pytest.approx(10 * (1 - 0.9**10))
    assert expected_distinct(1_000_000, 10) == pytest.approx(10)
    assert expected_distinct(5, 1) == 1
