"""Records a second from one Kinesis shard to a function that does nothing, on two endpoints in turn."""

from contextlib import ExitStack
from pathlib import Path

from bench.consumer import consumer
from bench.figures import Figure, Report, per_second
from bench.servers import Server, local_endpoint, ministack


def measure(report: Report, python: Path | None, records: int, runs: int, batch_size: int = 100) -> None:
    """`python` is an interpreter that has ministack; without it there is nothing to compare with."""
    rates: list[float] = []
    baseline: list[float] = []
    with ExitStack() as stack:
        ours = stack.enter_context(local_endpoint("--poll-interval", "0.02"))
        other = stack.enter_context(ministack(python)) if python else None
        for run in range(runs):
            report.doing(f"{records:,} records through one shard, run {run + 1} of {runs}")
            rates.append(rate(ours, records, batch_size))
            if other is not None:
                baseline.append(rate(other, records, batch_size))
    figure = Figure(
        f"{records:,} records, batches of {batch_size}",
        rates,
        per_second,
        baseline,
        "ministack",
        "at least 10 times ministack's",
    )
    report.part("Local endpoint, records through one shard to a function that does nothing", [figure])


def rate(server: Server, records: int, batch_size: int) -> float:
    """Records a second between the first invocation and the last."""
    with consumer(server) as measured:
        measured.put(["note-first", *map(str, range(1, records - 1)), "note-last"])
        with measured.mapped(batch_size):
            took = measured.noted("note-last") - measured.noted("note-first")
    return (records - batch_size) / took
