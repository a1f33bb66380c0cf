"""The start of the command line: the computing time of a process, beside one that only imports boto3."""

import os
import resource
import subprocess
import sys

from bench.figures import Figure, Report, milliseconds
from bench.servers import ROOT

NOBODY = "http://127.0.0.1:9"
"""Refuses connections at once: `status` then has imported what it uses, and made its first client."""

STARTS = {
    "streamctl --help": (["-m", "streamctl", "--help"], "at most 1.0"),
    "streamctl status": (["-m", "streamctl", "status", "--endpoint", NOBODY], "at most 2.5"),
}
BOTO3 = ["-c", "import boto3"]


def measure(report: Report, runs: int) -> None:
    """Run each command and boto3's import in turn, each time in a new interpreter."""
    figures = []
    for name, (arguments, target) in STARTS.items():
        report.doing(f"starts of {name}, {runs} times")
        seconds_of(arguments)  # from here on byte code and files are where they are
        seconds_of(BOTO3)
        ours, bare = [], []
        for _ in range(runs):
            ours.append(seconds_of(arguments))
            bare.append(seconds_of(BOTO3))
        figures.append(Figure(name, ours, milliseconds, bare, "import boto3", target))
    report.part("Start of the command line: computing time of the process", figures)


def seconds_of(arguments: list[str]) -> float:
    """Return the computing time of an interpreter with these arguments."""
    path = os.pathsep.join(str(ROOT / folder) for folder in ("tools", "layers/changestream"))
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([sys.executable, "-P", *arguments], env=os.environ | {"PYTHONPATH": path}, capture_output=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
