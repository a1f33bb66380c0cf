"""Each safeguard taken away by itself: the simulation finds what the code does without it."""

import pytest

from simulation.machine import Machine
from simulation.play import RunOutcome, play

from .safeguards import SAFEGUARDS, Safeguard

MOST_SEEDS = 120
"""Within which a safeguard that is missing has to be found: as many as `make simulate` plays in CI."""


@pytest.fixture(scope="module")
def machine() -> Machine:
    return Machine()


@pytest.mark.safeguards
@pytest.mark.parametrize("safeguard", SAFEGUARDS, ids=lambda safeguard: safeguard.name)
def test_a_safeguard_that_is_missing_is_found(machine: Machine, safeguard: Safeguard) -> None:
    with safeguard.taken_away(machine.deployment):
        seeds = (safeguard.seed, *range(MOST_SEEDS))
        finding = next(seed for seed in seeds if is_missed(played(machine, seed, safeguard), safeguard))

    assert played(machine, finding, safeguard).violations == []


def is_missed(outcome: RunOutcome, safeguard: Safeguard) -> bool:
    return any(safeguard.function in (None, one.function) for one in outcome.violations)


def played(machine: Machine, seed: int, safeguard: Safeguard) -> RunOutcome:
    return play(machine, seed, safeguard.changes, safeguard.plan)
