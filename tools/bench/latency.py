"""From a write to the invocation that brings it, on a stream where nothing else happens."""

import random
import time

from bench.consumer import consumer
from bench.figures import Figure, Report, milliseconds
from bench.servers import Server, local_endpoint

FAST = 0.005
"""Seconds between reads of a shard, where AWS's rates are switched off."""


def measure(report: Report, writes: int) -> None:
    """The median of single writes, at a small polling interval and at AWS's rate."""
    report.doing(f"{writes} single writes, twice")
    with local_endpoint("--poll-interval", str(FAST)) as fast, local_endpoint() as as_aws:
        figures = [
            Figure(f"--poll-interval {FAST:g}", latencies(fast, writes, 0.2), milliseconds),
            Figure("AWS's rate, one read a second", latencies(as_aws, writes, 1.0), milliseconds),
        ]
    report.part("From the write of a record to its invocation, Kinesis, idle", figures)


def latencies(server: Server, writes: int, pause: float) -> list[float]:
    """Seconds of each of so many writes, after pauses up to one that is as long as the polling interval or longer."""
    seconds: list[float] = []
    with consumer(server) as measured, measured.mapped():
        measured.put(["note-begin"])
        measured.noted("note-begin")
        for number in range(writes):
            time.sleep(random.uniform(0, pause))  # noqa: S311 - no secret
            wrote = time.time()
            measured.put([f"note-{number}"])
            seconds.append(measured.noted(f"note-{number}") - wrote)
    return seconds
