"""One mapping with its surroundings, played until nothing is left to deliver."""

import asyncio
from collections.abc import Callable, Mapping
from typing import Any

from event_source_mapping.mapping import EventSourceMapping, default_pace
from event_source_mapping.memory import DataStream, MemoryDestinations, MemoryQueue, MemoryTableStream, ShardStore
from event_source_mapping.pace import Pace
from event_source_mapping.positions import PositionType
from event_source_mapping.rehearsal.function import Handler, HandlerFunction, RehearsalContext
from event_source_mapping.rehearsal.surroundings import FUNCTION_ARN, TABLE_STREAM_ARN, Surroundings, identifier, label
from event_source_mapping.settings import MappingSettings, SourceKind
from event_source_mapping.steps import StepLog
from event_source_mapping.virtual_time import VirtualClock, run
from sam_templates.functions import Functions
from sam_templates.language_extensions import expanded
from sam_templates.resolver import Resolver

MAPPING_UUID = "11111111-2222-4333-8444-555555555555"


class Rehearsal:
    """A mapping as a CreateEventSourceMapping request, or a part of one, describes it."""

    def __init__(
        self,
        request: dict[str, Any],
        handler: Handler = lambda _event: None,
        *,
        source_arn: str = TABLE_STREAM_ARN,
        function_arn: str = FUNCTION_ARN,
        shards: int = 1,
        duration: float = 0.0,
        pace: Pace | None = None,
    ) -> None:
        self.clock = VirtualClock()
        self.function = HandlerFunction(handler, self.clock, function_arn, duration)
        self.destinations = MemoryDestinations()
        self.log = StepLog()
        self._request = {"EventSourceArn": source_arn} | request
        arn = self._request["EventSourceArn"]
        if SourceKind.of(arn) is not SourceKind.SQS:
            self._request = {"StartingPosition": "TRIM_HORIZON"} | self._request
        self.surroundings = Surroundings(arn, self.clock, shards)
        self.source = self.surroundings.source
        self._pace = pace
        self.mapping = self.new_mapping()

    @classmethod
    def of_template(
        cls,
        template: Mapping[str, Any],
        function: str,
        event: str,
        handler: Callable[[dict[str, Any], Any], Any],
        *,
        parameters: Mapping[str, Any] | None = None,
        shards: int = 1,
        duration: float = 0.0,
    ) -> "Rehearsal":
        """The mapping of `event` (its key under Events) of the function with this logical id in a SAM template.

        `template` is the parsed document, short tags as long forms (`{"Ref": …}`). The handler is called as Lambda
        calls it, with a context; every setting is the template's. Raise `TemplateError` for a value that cannot be
        resolved.
        """
        resolver = Resolver(expanded(dict(template), parameters), parameters)
        functions = Functions(resolver)
        arn, timeout, memory = resolver.arn(function), functions.timeout(function), functions.memory(function)

        def in_context(given: dict[str, Any]) -> Any:
            return handler(given, RehearsalContext(arn, timeout, memory))

        request = functions.mapping_request(function, event)
        return cls(request, in_context, function_arn=arn, shards=shards, duration=duration)

    def new_mapping(self, checkpoints: dict[str, Any] | None = None) -> EventSourceMapping:
        """Another life of the mapping from its checkpoints, with its settings as they are; without any, a new one."""
        settings = MappingSettings.from_request(self._request) if checkpoints is None else self.mapping.settings
        self.mapping = EventSourceMapping(
            MAPPING_UUID,
            settings,
            self.source,
            self.function,
            self.destinations,
            self.clock,
            self.log,
            checkpoints,
            pace=self._pace or default_pace(settings.kind),
        )
        return self.mapping

    @property
    def table(self) -> MemoryTableStream:
        return self.surroundings.table

    @property
    def data_stream(self) -> DataStream:
        return self.surroundings.data_stream

    @property
    def queue(self) -> MemoryQueue:
        return self.surroundings.queue

    @property
    def store(self) -> ShardStore:
        return self.surroundings.store

    def put(self, text: str, item: str = "item") -> str:
        """Add a record or message that `label` reads back; return what identifies it."""
        return self.surroundings.put(text, item)

    @property
    def events(self) -> list[dict[str, Any]]:
        """Every event that the function was given, in order."""
        return self.function.events

    @property
    def batches(self) -> list[list[str]]:
        """Of every delivery, in order, what identifies its records: what `put` and `send` returned."""
        return [[identifier(record) for record in event["Records"]] for event in self.events]

    @property
    def delivered(self) -> list[list[str]]:
        """The labels of every delivery, in order, of what `put` of this class wrote."""
        return [[label(record) for record in event["Records"]] for event in self.events]

    @property
    def delivered_at(self) -> list[float]:
        """When each delivery began, in seconds since the first."""
        return [round(moment - self.function.moments[0], 3) for moment in self.function.moments]

    @property
    def failed_batches(self) -> list[dict[str, Any]]:
        """The messages that the on-failure destination has received."""
        return self.destinations.messages

    @property
    def checkpoints(self) -> dict[str, str | None]:
        """The sequence number that each shard is done with, None before the first; "SHARD_END" after the last."""
        shards = self.mapping.checkpoints()["shards"]
        return {
            shard_id: place["type"] if place["type"] == PositionType.SHARD_END else place.get("sequenceNumber")
            for shard_id, place in shards.items()
        }

    def play(self) -> None:
        """Run the mapping until all is delivered; time goes on from one play to the next."""
        self.clock.advance(run(self._timed()))

    async def _timed(self) -> float:
        await self.until_idle()
        return asyncio.get_running_loop().time()

    async def until_idle(self) -> None:
        """Run the mapping until all is delivered, within the running virtual time."""
        async with running(self):
            await self.idle()

    async def idle(self) -> None:
        """Wait until the mapping has delivered everything that was there when this was called.

        Raise what no port may raise, and what is a fault of the engine's own, although the mapping survives it.
        """
        called = self.clock.now()
        while (self.mapping.idle_since() or 0.0) <= called:
            if self.mapping.fault is not None:
                raise self.mapping.fault
            await self.clock.sleep(0.05)


class running:  # noqa: N801 - read as a phrase: async with running(rehearsal)
    """Runs the rehearsal's mapping for as long as the block lasts; what it raises, the block raises."""

    def __init__(self, rehearsal: Rehearsal) -> None:
        self._rehearsal = rehearsal
        self._group = asyncio.TaskGroup()

    async def __aenter__(self) -> None:
        await self._group.__aenter__()
        self._task = self._group.create_task(self._rehearsal.mapping.run())

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: Any) -> None:
        self._task.cancel()
        await self._group.__aexit__(kind, error, trace)
