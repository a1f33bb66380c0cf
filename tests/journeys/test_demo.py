"""The journey that README shows, while workers of every function are killed at random."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
KILLS = 10
STAGES = [
    "delivered",
    "retried",
    "bisected",
    "given up",
    "picked up",
    "refetched",
    "redelivered",
    "parked",
    "rewritten",
    "healed",
]


@pytest.fixture(scope="module")
def played() -> "subprocess.CompletedProcess[str]":
    path = os.pathsep.join(str(ROOT / folder) for folder in ("tools", "layers/changestream"))
    return subprocess.run(
        [
            sys.executable,
            "-m",
            "demo",
            "--writes",
            "500",
            "--outage-seconds",
            "4",
            "--malformed",
            "4",
            "--kill-workers",
            str(KILLS),
        ],
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": path},
        capture_output=True,
        text=True,
        check=False,
    )


def test_killing_workers_at_random_changes_nothing_in_the_audits(played: "subprocess.CompletedProcess[str]") -> None:
    killed = re.findall(r"(\d+) workers of \w+", played.stdout)

    assert sum(map(int, killed)) == KILLS, played.stdout + played.stderr
    assert "does not hold" not in played.stdout
    assert "Every audit holds." in played.stdout
    assert played.returncode == 0


@pytest.mark.parametrize("stage", STAGES)
def test_the_journey_of_a_failed_record_is_told_to_its_end(
    played: "subprocess.CompletedProcess[str]", stage: str
) -> None:
    assert re.search(rf"^ +[\d.]+ s +{stage} ", played.stdout, re.MULTILINE)
