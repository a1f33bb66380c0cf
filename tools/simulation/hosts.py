"""The mappings of the stack, each with its lives: started, stopped, and started again from where it once was."""

import asyncio
from collections import deque
from collections.abc import Callable
from dataclasses import replace
from random import Random
from typing import Any

from event_source_mapping import (
    Backoff,
    Clock,
    Destinations,
    EventSourceMapping,
    Function,
    Pace,
    QueueSource,
    StreamSource,
    default_pace,
)
from event_source_mapping.steps import Step, StepKind
from simulation.stack import MappingPlan

SNAPSHOTS = 4
DISCOVERY_INTERVAL = 1800.0
"""Between listings of shards; a shard that ends has its stream listed at once. Lambda's own is not published."""

SLOWEST_RETRY = Backoff(cap=300.0)
"""Lambda's own is not published either; the less often a mapping tries in an outage of hours, the faster they pass."""


class Host:
    """Runs one mapping; keeps some of the checkpoints that it has had."""

    def __init__(
        self,
        plan: MappingPlan,
        source: StreamSource | QueueSource,
        function: Function,
        destinations: Destinations,
        clock: Clock,
        chance: Random,
        given_up: Callable[[str, tuple[str, ...], str], None],
    ) -> None:
        self.plan = plan
        self.name = plan.function
        self.discarded = 0
        self.lost_windows: list[tuple[str, float, float]] = []
        """(shard, start, end) of windows whose final invocation died four times: docs/decisions/measures.md."""
        self.reached: dict[str, int] = {}
        """By shard, the furthest checkpoint that any life of the mapping had."""
        self.source = source
        self._parts = source, function, destinations, clock
        self._clock = clock
        self._chance = chance
        self._ids = 0
        self._given_up = given_up
        self._snapshots: deque[dict[str, Any]] = deque(maxlen=SNAPSHOTS)
        self._settings = plan.settings
        self.mapping = self._new_mapping(None)
        self._task: asyncio.Task[None] | None = None

    @property
    def reads_a_stream(self) -> bool:
        return self.plan.settings.starting_position is not None

    def start(self) -> None:
        self._task = asyncio.get_running_loop().create_task(self.mapping.run())

    async def stop(self) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
            self._task = None

    async def restart(self, *, older: bool) -> None:
        """Have the poller die, and another go on from where this one was, or from where it was some time ago."""
        checkpoints = self.mapping.checkpoints()
        await self.stop()
        if older and self._snapshots:
            checkpoints = self._chance.choice(list(self._snapshots))
        self.mapping = self._new_mapping(checkpoints if self.reads_a_stream else None)
        self.start()

    def enable(self, enabled: bool) -> None:
        """As UpdateEventSourceMapping does."""
        self._settings = replace(self._settings, enabled=enabled)
        self.mapping.update(self._settings)

    def snapshot(self) -> None:
        """Keep the checkpoints as they are now."""
        if self.reads_a_stream:
            self._snapshots.append(self.mapping.checkpoints())

    def on(self, step: Step) -> None:
        """Hear of what the mapping does."""
        if step.kind is StepKind.CHECKPOINTED and step.shard_id:
            self.reached[step.shard_id] = max(self.reached.get(step.shard_id, 0), int(step.detail["checkpoint"]))
        if step.kind is StepKind.DISCARDED:
            self.discarded += len(step.sequence_numbers)
            self._given_up(self.name, step.sequence_numbers, f"given up: {step.detail['condition']}")
            window = step.detail.get("window")
            if window:
                self.lost_windows.append((step.shard_id or "", window["start"], window["start"] + window["seconds"]))

    def _new_mapping(self, checkpoints: dict[str, Any] | None) -> EventSourceMapping:
        source, function, destinations, clock = self._parts
        pace: Pace = replace(
            default_pace(self._settings.kind), discovery_interval=DISCOVERY_INTERVAL, backoff=SLOWEST_RETRY
        )
        uuid = f"mapping-of-{self.name}"
        return EventSourceMapping(
            uuid, self._settings, source, function, destinations, clock, self, checkpoints, pace=pace, new_id=self._id
        )

    def _id(self) -> str:
        self._ids += 1
        return f"{self.name}-given-up-{self._ids:05d}"
