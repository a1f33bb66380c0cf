"""One run from its seed to its findings."""

import asyncio
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from event_source_mapping.virtual_time import run
from simulation.checks import violations
from simulation.checks.violation import Violation
from simulation.excuses import Excuses
from simulation.faults import Fault
from simulation.machine import Machine
from simulation.telemetry import METRICS
from simulation.world import World
from simulation.writer import Writer

PATIENCE_DAYS = 30
"""Of virtual time, within which a run comes to rest."""


@dataclass(slots=True)
class Outcome:
    """What a run came to: its figures, the digest of all that happened in it, and what was found."""

    seed: int
    digest: str
    violations: Sequence[Violation]
    changes: int = 0
    calls: int = 0
    hours: float = 0.0
    faults: Counter[Fault] = field(default_factory=Counter)
    deliveries: Counter[str] = field(default_factory=Counter)
    parked: Counter[str] = field(default_factory=Counter)
    metrics: Counter[str] = field(default_factory=Counter)


def play(machine: Machine, seed: int, changes: int) -> Outcome:
    """Play a run to its end."""
    with machine.running():
        return run(_played(machine, seed, changes))


async def _played(machine: Machine, seed: int, changes: int) -> Outcome:
    world = World(machine, seed)
    writer = Writer(world, changes)
    for host in world.hosts:
        host.start()
    await writer.write()
    world.faults.is_over = True
    problems = await _come_to_rest(world, writer)
    for host in world.hosts:
        await host.stop()
        if host.mapping.fault is not None:
            raise host.mapping.fault
    excuses = Excuses([], world.streams.values())
    return Outcome(
        seed,
        world.calls.trace.hexdigest(),
        [*problems, *violations(world, excuses)],
        changes=len(world.truth.changes),
        calls=world.calls.count,
        hours=world.hours,
        faults=world.faults.counts,
        deliveries=world.deliveries.records,
        parked=excuses.reasons,
        metrics=Counter(METRICS),
    )


async def _come_to_rest(world: World, writer: Writer) -> list[Violation]:
    """Wait until nothing is left to be done."""
    pause = 10.0
    while world.hours < PATIENCE_DAYS * 24:
        await asyncio.sleep(pause)
        if writer.is_done and all(world.has_delivered_all(host) for host in world.hosts):
            return []
        pause = min(pause * 1.5, 3600.0)
    return [Violation("", "mappings", f"not at rest after {PATIENCE_DAYS} days")]
