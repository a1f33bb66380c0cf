"""A few of the runs that `make simulate` plays by the hundred."""

import pytest

from simulation.machine import Machine
from simulation.play import play

CHANGES = 40


@pytest.fixture(scope="module")
def machine() -> Machine:
    return Machine()


@pytest.mark.parametrize("seed", range(4))
def test_every_guarantee_holds_whatever_goes_wrong(machine: Machine, seed: int) -> None:
    outcome = play(machine, seed, CHANGES)

    assert outcome.violations == []
    assert outcome.changes >= CHANGES
    assert outcome.faults
