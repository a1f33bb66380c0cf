"""The consumers beside what one would write first, at a stub that answers each call after a fixed time."""

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from bench.figures import Figure, Report, microseconds, milliseconds
from isolation.children import child
from isolation.environment import IMPORT_PATH, environment

CALL_SECONDS = 0.005

TARGETS = {
    "newest state, 100 items": "at most 0.20",
    "newest state, 10 items": "at most 0.03",
    "search index, 100 items": "at most 0.20",
    "search index, 10 items": "at most 0.03",
    "a row per change": "at most 0.07",
}
"""Of the ratio: five, thirty and fifteen times as fast."""


def measure(report: Report, runs: int) -> None:
    """Batches of 100 records to either side in turn: seconds, computing time, calls."""
    report.doing(f"batches of 100 records to consumers and to their naive side, {runs} times")
    with stub(CALL_SECONDS) as url:
        answer = subprocess.run(
            [sys.executable, "-m", "bench.deliveries", str(runs)],
            env=environment(PYTHONPATH=IMPORT_PATH, AWS_ENDPOINT_URL=url),
            capture_output=True,
            text=True,
            check=False,
        )
    if answer.returncode:
        raise RuntimeError(answer.stderr)
    figures: list[Figure] = []
    for case, sides in json.loads(answer.stdout).items():
        figures += _figures(case, sides["ours"], sides["naive"])
    report.part(f"Batches of 100 records, {CALL_SECONDS * 1000:.0f} ms per call to AWS, beside the naive side", figures)
    report.note(
        "A planned write is what is handed to a client. The naive side of the index has none of boto3, whose resources "
        "are most of the naive side elsewhere: its computing compares up to the signed request."
    )


def _figures(case: str, ours: Any, naive: Any) -> Iterator[Figure]:
    named = f"{case}, {ours['calls']} calls"
    yield Figure(named, ours["seconds"], milliseconds, naive["seconds"], f"{naive['calls']} calls", TARGETS[case])
    yield Figure(
        "  CPU/record, to planned write", ours["planned"], microseconds, naive["planned"], "naive", "at most 0.25"
    )
    signed = "at most 0.25" if case.startswith("search") else ""
    yield Figure("  CPU/record, to signed request", ours["signed"], microseconds, naive["signed"], "naive", signed)


@contextmanager
def stub(seconds: float) -> Iterator[str]:
    """The URL of an endpoint that answers every call to DynamoDB after so many seconds."""
    command = [sys.executable, "-m", "bench.stub", str(seconds)]
    with child(command, environment(PYTHONPATH=IMPORT_PATH), stdout=subprocess.PIPE) as process:
        yield (process.stdout or sys.stdin).readline().split()[1]
