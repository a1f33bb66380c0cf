"""One mapping while it exists: its settings, what runs it at present, and where it would resume."""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Protocol

from event_source_mapping.checkpoints import first_checkpoints
from event_source_mapping.clock import SystemClock
from event_source_mapping.errors import cause_of
from event_source_mapping.mapping import EventSourceMapping, MappingState
from event_source_mapping.pace import Pace
from event_source_mapping.ports import Destinations, QueueSource, StreamSource
from event_source_mapping.settings import MappingSettings
from event_source_mapping.steps import Step
from local_aws.journal import Journal
from local_aws.lambda_service.event_counts import EventCounts, counted
from local_aws.lambda_service.mapped_function import MappedFunction
from local_aws.lambda_service.names import FunctionName
from local_aws.measurements import Measurements
from local_aws.state import Keeper

# After a fault of the engine itself, which would otherwise be found out again at once.
RESTART_PAUSE = 1.0
LOOK_INTERVAL = 0.02


@dataclass(frozen=True, slots=True)
class Connection:
    """What a mapping reads from and gives up to, while it runs."""

    source: StreamSource | QueueSource
    destinations: Destinations
    close: Callable[[], None]


class MappingConnections(Protocol):
    """Where mappings get their connections."""

    def connect(self, settings: MappingSettings, role_arn: str) -> Connection:
        """`role_arn` is whose reads they are: Kinesis records carry it into the function."""


@dataclass(frozen=True, slots=True)
class MappingMemory:
    """A mapping as a snapshot holds it."""

    uuid: str
    settings: MappingSettings
    called: FunctionName
    function_arn: str
    role_arn: str
    last_modified: float


class MappingObserver:
    """Writes each step of a mapping into the journal, as `mapping.<kind>`; `moved` is called after each."""

    def __init__(self, journal: Journal, moved: Callable[[], None]) -> None:
        self._journal = journal
        self._moved = moved

    def on(self, step: Step) -> None:
        self._moved()
        self._journal.add(
            f"mapping.{step.kind}",
            mapping_uuid=step.mapping_uuid,
            shard_id=step.shard_id,
            sequence_numbers=step.sequence_numbers,
            detail=step.detail,
        )


class HostedMapping:
    """Runs on one event loop; what other threads change is `settings` and `function`, each time with `expect`."""

    def __init__(
        self,
        uuid: str,
        settings: MappingSettings,
        function: MappedFunction,
        sources: MappingConnections,
        role_arn: str,
        journal: Journal,
        pace: Pace | None,
        keeper: Keeper,
        measurements: Measurements,
        checkpoints: dict[str, Any] | None = None,
    ) -> None:
        self.uuid = uuid
        self.settings = settings
        self.function = function
        self.last_modified = time.time()
        self._expected: str | None = None
        self._begun = False
        self._sources = sources
        self._role_arn = role_arn
        self._journal = journal
        self._pace = pace
        self._engine: EventSourceMapping | None = None
        self._task: asyncio.Task[None] | None = None
        self._keeper = keeper
        self._measurements = measurements
        self._fault: str | None = None
        self._checkpoints = checkpoints
        if checkpoints is None:  # before the request that made it is answered: there may never be a step to tell it
            keeper.note("checkpoints", uuid, first_checkpoints(settings, self.last_modified))

    @property
    def memory(self) -> "MappingMemory":
        """What a later endpoint makes the same mapping of, but for its place in the source."""
        return MappingMemory(self.uuid, self.settings, *self.function.called, self._role_arn, self.last_modified)

    @property
    def state(self) -> str:
        """As the API names it."""
        if self._expected is not None:
            return self._expected
        if not self._begun:
            return "Creating"
        return "Enabling" if self._engine is None else self._engine.state

    @property
    def in_transition(self) -> bool:
        """A change is under way; enabling and disabling may be overtaken by another."""
        return self.state == "Creating" or self._expected in ("Updating", "Deleting")

    @property
    def last_processing_result(self) -> str:
        if self._fault is not None:
            return self._fault
        return "No records processed" if self._engine is None else self._engine.last_processing_result

    @property
    def idle(self) -> bool:
        """Nothing read but undelivered, nothing in flight."""
        return self.idle_since is not None

    @property
    def idle_since(self) -> float | None:
        """The moment up to which the source was seen to hold nothing undelivered; None while there is work."""
        if self._engine is None or self._expected is not None:
            return None
        return self._engine.idle_since()

    def expect(self, transition: str) -> None:
        """A change has been asked for, which `update` or `end` is about to make."""
        self._expected = transition
        self.last_modified = time.time()

    def call(self, function: MappedFunction, role_arn: str) -> None:
        """Bring records to another function from now on, and read as its role."""
        self.function.become(function)
        self._role_arn = role_arn

    async def start(self) -> None:
        self._task = asyncio.create_task(self._run())

    async def update(self) -> None:
        """Go on from the checkpoints with the settings as they are now, once what is in flight has its answer."""
        if self._engine is not None and self._engine.settings != self.settings:
            self._engine.update(self.settings)
        self._expected = None

    async def end(self) -> None:
        """Stop for good, once what is in flight has its answer."""
        if self._engine is not None and self._engine.settings.enabled:
            self._engine.update(replace(self.settings, enabled=False))
            await self._until_disabled()
        await self.cancel()

    async def _until_disabled(self) -> None:
        while self._engine is not None and self._engine.state != MappingState.DISABLED:
            await asyncio.sleep(LOOK_INTERVAL)

    async def cancel(self) -> None:
        """Stop at once."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait({self._task})

    async def _run(self) -> None:
        while True:
            try:
                await self._run_engine()
            except Exception as raised:  # whatever it is, the records are still in the source
                error = cause_of(raised)
                self._fault = f"PROBLEM: {type(error).__name__}: {error}"
                self._journal.add("mapping.fault", mapping_uuid=self.uuid, reason=self._fault)
                if self._engine is not None:
                    self._checkpoints, self._engine = self._engine.checkpoints(), None
            await asyncio.sleep(RESTART_PAUSE)

    async def _run_engine(self) -> None:
        """Run one engine until cancelled. What has been asked for in the meantime (`expect`) is not its business."""
        connection = self._sources.connect(self.settings, self._role_arn)
        try:
            self._engine = self._new_engine(connection)
            self._begun, self._fault = True, None
            await self._engine.run()
        finally:
            connection.close()

    def _keep_place(self) -> None:
        if self._engine is not None:
            self._keeper.note("checkpoints", self.uuid, self._engine.checkpoints())

    def _new_engine(self, connection: Connection) -> EventSourceMapping:
        counts = EventCounts(self.uuid, lambda: self.settings, self._measurements)
        return EventSourceMapping(
            self.uuid,
            self.settings,
            *counted(connection.source, self.function, connection.destinations, counts),
            SystemClock(),
            MappingObserver(self._journal, self._keep_place),
            self._checkpoints,
            pace=self._pace,
        )
