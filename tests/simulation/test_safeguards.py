"""Each safeguard taken away by itself: the simulation finds what the code does without it."""

import pytest

from simulation.machine import Machine
from simulation.play import play
from simulation_safeguards import SAFEGUARDS, Safeguard

MOST_SEEDS = 120
"""Within which a safeguard that is missing has to be found: about the half of what CI plays anyway."""


@pytest.fixture(scope="module")
def machine() -> Machine:
    return Machine()


@pytest.mark.safeguards
@pytest.mark.parametrize("safeguard", SAFEGUARDS, ids=lambda safeguard: safeguard.name)
def test_a_safeguard_that_is_missing_is_found(machine: Machine, safeguard: Safeguard) -> None:
    with safeguard.taken_away(machine.deployment):
        finding = next(seed for seed in range(MOST_SEEDS) if play(machine, seed, safeguard.changes).violations)

    assert play(machine, finding, safeguard.changes).violations == []
