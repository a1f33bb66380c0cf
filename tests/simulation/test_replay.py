"""A seed decides everything that happens in a run."""

import os
import subprocess
import sys

import pytest

from simulation.machine import Machine
from simulation.play import play

SEED, CHANGES = 7, 40
IN_ANOTHER_PROCESS = (
    "from simulation.machine import Machine; from simulation.play import play; "
    f"print(play(Machine(), {SEED}, {CHANGES}).digest)"
)


def test_a_seed_replays_exactly() -> None:
    first = play(Machine(), SEED, CHANGES)

    again = play(Machine(), SEED, CHANGES)

    assert (again.digest, again.faults, again.deliveries) == (first.digest, first.faults, first.deliveries)


def test_another_seed_is_another_run() -> None:
    machine = Machine()

    digests = {play(machine, seed, CHANGES).digest for seed in range(3)}

    assert len(digests) == 3


@pytest.mark.parametrize("hash_seed", ["1", "2"])
def test_a_seed_replays_exactly_in_a_process_of_its_own(hash_seed: str) -> None:
    here = play(Machine(), SEED, CHANGES).digest

    environment = os.environ | {"PYTHONHASHSEED": hash_seed, "PYTHONPATH": os.pathsep.join(sys.path)}
    there = subprocess.run(
        [sys.executable, "-c", IN_ANOTHER_PROCESS], env=environment, capture_output=True, text=True, check=True
    )

    assert there.stdout.strip() == here
