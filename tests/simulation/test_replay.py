"""A seed decides everything that happens in a run."""

import os
import subprocess
import sys

import pytest

from isolation.environment import environment
from simulation.machine import Machine
from simulation.play import RunOutcome, play

SEED, CHANGES = 7, 40
IN_ANOTHER_PROCESS = (
    "from simulation.machine import Machine; from simulation.play import play; "
    f"print(play(Machine(), {SEED}, {CHANGES}).digest)"
)
ANOTHER_HASH_SEED = "2" if os.environ.get("PYTHONHASHSEED") == "1" else "1"


@pytest.fixture(scope="module")
def first() -> RunOutcome:
    return play(Machine(), SEED, CHANGES)


def test_a_seed_replays_exactly(first: RunOutcome) -> None:
    again = play(Machine(), SEED, CHANGES)

    assert (again.digest, again.faults, again.deliveries) == (first.digest, first.faults, first.deliveries)


def test_another_seed_is_another_run(first: RunOutcome) -> None:
    machine = Machine()

    digests = {play(machine, seed, CHANGES).digest for seed in range(2)}

    assert len(digests | {first.digest}) == 3


def test_a_seed_replays_exactly_in_a_process_of_its_own(first: RunOutcome) -> None:
    variables = environment(PYTHONHASHSEED=ANOTHER_HASH_SEED, PYTHONPATH=os.pathsep.join(sys.path))

    there = subprocess.run(
        [sys.executable, "-c", IN_ANOTHER_PROCESS], env=variables, capture_output=True, text=True, check=True
    )

    assert there.stdout.strip() == first.digest
