"""One run from its seed to its findings."""

import asyncio
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from event_source_mapping.virtual_time import run
from simulation.checks import violations
from simulation.checks.parked import unfinished
from simulation.checks.violation import Violation
from simulation.excuses import Excuses
from simulation.explain import explain
from simulation.faults import Fault, FaultPlan
from simulation.incidents import Incidents
from simulation.machine import Machine
from simulation.telemetry import METRICS
from simulation.world import World
from simulation.writer import Writer

EXPLAINED = 5
"""Violations of a run that are explained."""

MOST_REQUESTS = 5
"""A person's redrives: everything twice, then what is left of it, since one may meet the schedule's at its work."""

PATIENCE_DAYS = 30
"""Of virtual time, within which a run comes to rest."""


@dataclass(slots=True)
class RunOutcome:
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
    explanations: dict[Violation, Sequence[str]] = field(default_factory=dict)


def play(machine: Machine, seed: int, changes: int, plan: FaultPlan | None = None) -> RunOutcome:
    """Play a run to its end."""
    with machine.running():
        return run(_played(machine, seed, changes, plan or FaultPlan()))


async def _played(machine: Machine, seed: int, changes: int, plan: FaultPlan) -> RunOutcome:
    world = World(machine, seed, plan)
    writer = Writer(world, changes)
    for host in world.hosts:
        host.start()
    tail = world.chance("tail").choice((1.0, 600.0, 7200.0))
    incidents = Incidents(world, writer.span + tail)
    befalling = asyncio.get_running_loop().create_task(incidents.go_on())
    schedules = [asyncio.get_running_loop().create_task(one(world)) for one in (_redrive_again, _roll_again)]
    await writer.write()
    await asyncio.sleep(tail)
    befalling.cancel()
    await incidents.over()
    world.faults.is_over = True
    problems = await come_to_rest(world, writer)
    for schedule in schedules:
        schedule.cancel()
    for host in world.hosts:
        await host.stop()
        if host.mapping.fault is not None:
            problems.append(Violation(host.name, "mapping", f"the engine is at fault: {host.mapping.fault!r}"))
    excuses = Excuses(world.parked(), world.streams.values())
    for host in world.hosts:
        excuses.lose(world.stack.arn_name(host.name), world.changes, host.lost_windows)
        if host.reads_a_stream:
            unread = world.unread(host)
            world.faults.counts[Fault.TRIMMED] += len(unread)
            excuses.miss(world.stack.arn_name(host.name), unread)
    world.faults.counts[Fault.REPEATED] += writer.capture.repeated
    world.faults.counts[Fault.DELAYED] += writer.capture.delayed
    found = [*problems, *violations(world, excuses)]
    return RunOutcome(
        seed,
        world.calls.trace.hexdigest(),
        found,
        changes=len(world.log.changes),
        calls=world.calls.count,
        hours=world.hours,
        faults=world.faults.counts,
        deliveries=world.deliveries.records,
        parked=excuses.reasons,
        metrics=Counter(METRICS),
        explanations={one: list(explain(world, one, world.parked())) for one in found[:EXPLAINED]},
    )


async def _redrive_again(world: World) -> None:
    """Every 15 minutes, as the template has it."""
    while True:
        await asyncio.sleep(900.0)
        world.redrive({"source": "aws.events"})


async def _roll_again(world: World) -> None:
    """About every four hours a shard of a table's stream ends, so that none that is open has lost records."""
    while True:
        await asyncio.sleep(4 * 3600.0)
        world.table_stream.roll()


async def come_to_rest(world: World, writer: Writer) -> list[Violation]:
    """Wait until nothing is left to be done but what waits for a person; then have that person ask for it."""
    pause, asked = 10.0, 0
    while world.hours < PATIENCE_DAYS * 24:
        await asyncio.sleep(pause)
        pause = min(pause * 1.5, 3600.0)
        if not (writer.is_done and all(world.has_delivered_all(host) for host in world.hosts)):
            asked = 0
            continue
        left = unfinished(world)
        if asked == MOST_REQUESTS or (asked >= 2 and not left):
            return []
        asked += 1
        world.faults.counts[Fault.DEAD_LETTER] += world.bring_back_dead_letters()
        world.redrive({"prefix": "parked/"} if asked <= 2 else {"keys": left})
        await asyncio.sleep(1000.0)
    return [Violation("", "mappings", f"not at rest after {PATIENCE_DAYS} days")]
