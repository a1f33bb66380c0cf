"""The journey that README shows, while workers of every function are killed at random."""

import re

import pytest

from journeys.conftest import KILLS, Played

pytestmark = pytest.mark.journey

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
    "redriven",
]


def test_killing_workers_at_random_changes_nothing_in_the_audits(played: Played) -> None:
    killed = re.findall(r"(\d+) workers of \w+", played.output)

    assert sum(map(int, killed)) == KILLS, played.output
    assert "does not hold" not in played.output
    assert "Every audit holds." in played.output
    assert played.returncode == 0


@pytest.mark.parametrize("stage", STAGES)
def test_the_journey_of_a_failed_record_is_told_to_its_end(played: Played, stage: str) -> None:
    assert re.search(rf"^ +[\d.]+ s +{stage}\b", played.output, re.MULTILINE)
