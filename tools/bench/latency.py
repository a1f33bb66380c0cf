"""From a write to the invocation that brings it, on a stream where nothing else happens."""

import random
import time

from bench.consumer import consumer
from bench.figures import Figure, Report, milliseconds
from bench.servers import Server, local_endpoint
from bench.sources import SourceOf, capture, shard, table
from event_source_mapping.pace import DYNAMODB_POLL_INTERVAL, KINESIS_POLL_INTERVAL

FAST = 0.005
"""Seconds between reads of a shard, where AWS's rates are switched off."""
FAST_PAUSE = 0.2

_PATHS: tuple[tuple[str, SourceOf, float], ...] = (
    ("PutRecord, Kinesis", shard, KINESIS_POLL_INTERVAL),
    ("PutItem, the table's stream", table, DYNAMODB_POLL_INTERVAL),
    ("PutItem, captured into Kinesis", capture, KINESIS_POLL_INTERVAL),
)


def measure(report: Report, writes: int) -> None:
    """The median of single writes, at a small polling interval and at AWS's rates."""
    at_once, at_aws_rates = [], []
    with local_endpoint("--poll-interval", str(FAST)) as fast, local_endpoint() as as_aws:
        for name, source_of, interval in _PATHS:
            report.doing(f"{writes} single writes, twice: {name}")
            took = latencies(fast, source_of, writes, FAST_PAUSE)
            at_once.append(Figure(name, took, milliseconds, target="under 50 ms"))
            took = latencies(as_aws, source_of, writes, interval)
            # A write falls anywhere between two reads.
            expected = f"about {milliseconds(interval / 2)}, half of the interval"
            at_aws_rates.append(Figure(name, took, milliseconds, target=expected))
    report.part(f"Idle, from a write to its invocation, --poll-interval {FAST:g}", at_once)
    report.part("Idle, from a write to its invocation, at AWS's polling rates", at_aws_rates)


def latencies(server: Server, source_of: SourceOf, writes: int, pause: float) -> list[float]:
    """Seconds of each of so many writes, after pauses up to one that is as long as the polling interval or longer."""
    seconds: list[float] = []
    with consumer(server) as measured, source_of(server, measured) as source, measured.mapped(source_arn=source.arn):
        source.write("note-begin")
        measured.noted("note-begin")
        for number in range(writes):
            time.sleep(random.uniform(0, pause))  # noqa: S311 - no secret
            wrote = time.time()
            source.write(f"note-{number}")
            seconds.append(measured.noted(f"note-{number}") - wrote)
    return seconds
