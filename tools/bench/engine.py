"""The engine alone: in virtual time, with streams in memory and a function that does nothing."""

import asyncio
import gc
import os
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.figures import Figure, Report, mebibytes, microseconds, per_second
from bench.servers import ACCOUNT_ID
from event_source_mapping import EventSourceMapping, FunctionAnswer, MappingSettings
from event_source_mapping.memory import DataStream, DataStreamSource, MemoryDestinations
from event_source_mapping.steps import Step
from event_source_mapping.virtual_time import VirtualClock, run
from isolation.environment import REGION

STREAM_ARN = f"arn:aws:kinesis:{REGION}:{ACCOUNT_ID}:stream/bench"
ROUND = 10_000
DATA = b'{"task": "t", "status": "open"}'


def measure(report: Report, sizes: Sequence[int], runs: int, batch_size: int = 100) -> None:
    """Runs of every size in turn, so that a pair has had the same machine."""
    delivered: dict[int, list[Delivered]] = {size: [] for size in sizes}
    for number in range(runs):
        for size in sizes:
            report.doing(f"{size:,} records in virtual time, run {number + 1} of {runs}")
            delivered[size].append(run(_deliver(size, batch_size)))
    smallest = [one.seconds_per_record for one in delivered[sizes[0]]]
    rates = [1 / one.seconds_per_record for one in delivered[sizes[-1]]]
    figures = [Figure(f"records on one core, batches of {batch_size}", rates, per_second, target="at least 100,000/s")]
    for size in sizes:
        spent = [one.seconds_per_record for one in delivered[size]]
        beside = f"{sizes[0]:,}:"
        figures.append(Figure(f"time per record, {size:,} records", spent, microseconds, smallest, beside, "flat"))
    for size in sizes:
        growth = [float(one.memory_growth) for one in delivered[size]]
        figures.append(Figure(f"memory after {size:,} records", growth, mebibytes, target="flat"))
    report.part("Engine in virtual time, a function that does nothing", figures)


@dataclass(frozen=True, slots=True)
class Delivered:
    """What one run took: computing time, and resident memory beyond that after the first records."""

    seconds_per_record: float
    memory_growth: int


class _Nothing:
    """A function that does nothing, and an observer that is not interested."""

    arn = f"arn:aws:lambda:{REGION}:{ACCOUNT_ID}:function:bench"

    def __init__(self) -> None:
        self.records = 0

    async def invoke(self, event: dict[str, Any]) -> FunctionAnswer:
        self.records += len(event["Records"])
        return FunctionAnswer("request", "$LATEST", None, None)

    def on(self, step: Step) -> None:
        """Let it pass."""


async def _deliver(records: int, batch_size: int) -> Delivered:
    """Deliver in rounds: what is delivered is trimmed, as the service does, and only delivering is timed."""
    clock, nothing = VirtualClock(), _Nothing()
    stream = DataStream(STREAM_ARN, clock.now)
    request = {"EventSourceArn": STREAM_ARN, "StartingPosition": "TRIM_HORIZON", "BatchSize": batch_size}
    settings = MappingSettings.from_request(request)
    mapping = EventSourceMapping(
        "bench", settings, DataStreamSource(stream), nothing, MemoryDestinations(), clock, nothing
    )
    running = asyncio.create_task(mapping.run())
    (shard,) = stream.store.listing()
    spent, memory = 0.0, 0
    for first in range(0, records, ROUND):
        for number in range(first, min(first + ROUND, records)):
            stream.put(str(number), DATA)
        began, now = time.process_time(), clock.now()
        while (mapping.idle_since() or 0.0) <= now:
            await clock.sleep(1.0)
        spent += time.process_time() - began
        stream.store.trim(shard.shard_id, ROUND)
        memory = memory or _resident()
    grown = _resident() - memory
    running.cancel()
    await asyncio.wait({running})
    if nothing.records != records:
        raise RuntimeError(f"{nothing.records} of {records} records were delivered")
    return Delivered(spent / records, grown)


def _resident() -> int:
    gc.collect()
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGESIZE")
