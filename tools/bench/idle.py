"""What a mapping costs while there is nothing to deliver, at AWS's polling rates."""

import os
import time
from contextlib import ExitStack
from pathlib import Path

from bench.consumer import consumer
from bench.figures import Figure, Report, percent
from bench.servers import Server, local_endpoint
from bench.sources import SourceOf, shard, table

MAPPINGS = 4
SETTLING_SECONDS = 2.0
TARGET = "under 0.50 %"


def measure(report: Report, seconds: float, runs: int) -> None:
    """The share of one core that the endpoint takes, without mappings and with some, in turn."""
    without: list[float] = []
    of_shards: list[float] = []
    of_tables: list[float] = []
    with local_endpoint() as server:
        time.sleep(min(SETTLING_SECONDS, seconds))
        for run in range(runs):
            report.doing(f"idle for three times {seconds:g} s, run {run + 1} of {runs}")
            without.append(_share(server.pid, seconds))
            of_shards.append((_with(shard, server, seconds) - without[-1]) / MAPPINGS)
            of_tables.append((_with(table, server, seconds) - without[-1]) / MAPPINGS)
    figures = [
        Figure("endpoint without a mapping", without, percent),
        Figure("each mapping of a Kinesis shard, 1 read a second", of_shards, percent, target=TARGET),
        Figure("each mapping of a table's stream, 4 reads a second", of_tables, percent, target=TARGET),
    ]
    report.part("Idle, at AWS's polling rates, share of one core", figures)


def _with(source_of: SourceOf, server: Server, seconds: float) -> float:
    with ExitStack() as stack:
        for _ in range(MAPPINGS):
            measured = stack.enter_context(consumer(server))
            source = stack.enter_context(source_of(server, measured))
            stack.enter_context(measured.mapped(source_arn=source.arn))
        time.sleep(min(SETTLING_SECONDS, seconds))
        return _share(server.pid, seconds)


def _share(pid: int, seconds: float) -> float:
    began = spent(pid)
    time.sleep(seconds)
    return (spent(pid) - began) / seconds


def spent(pid: int) -> float:
    """Computing time of a process in seconds, with that of threads that have ended.

    Of the fields of /proc/PID/stat (proc_pid_stat(5)) behind the name, which may hold spaces: utime and stime.
    """
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
