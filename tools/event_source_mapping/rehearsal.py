"""A mapping rehearsed in virtual time: a stream in memory, a handler called in place, nothing else needed.

rehearsal = Rehearsal({"BatchSize": 3, "StartingPosition": "TRIM_HORIZON"}, lambda_handler)
rehearsal.put("first")
rehearsal.play()
assert rehearsal.delivered == [["first"]]
"""

import asyncio
import json
from base64 import b64decode
from collections.abc import Callable
from typing import Any

from event_source_mapping.clock import Clock
from event_source_mapping.errors import Throttled
from event_source_mapping.mapping import EventSourceMapping, default_pace
from event_source_mapping.memory import (
    DataStream,
    DataStreamSource,
    MemoryDestinations,
    MemoryQueue,
    TableStream,
    TableStreamSource,
)
from event_source_mapping.pace import Pace
from event_source_mapping.ports import Invocation, QueueSource, StreamSource
from event_source_mapping.settings import MappingSettings
from event_source_mapping.steps import StepLog
from event_source_mapping.virtual_time import VirtualClock, run

_ACCOUNT = "eu-west-1:123456789012"
TABLE_STREAM_ARN = f"arn:aws:dynamodb:{_ACCOUNT}:table/Table/stream/2026-01-01T00:00:00.000"
DATA_STREAM_ARN = f"arn:aws:kinesis:{_ACCOUNT}:stream/Stream"
QUEUE_ARN = f"arn:aws:sqs:{_ACCOUNT}:Queue"
FUNCTION_ARN = f"arn:aws:lambda:{_ACCOUNT}:function:Function"
FAILED_BATCHES_ARN = f"arn:aws:sqs:{_ACCOUNT}:FailedBatches"

type Handler = Callable[[dict[str, Any]], Any]


class HandlerFunction:
    """A handler as a function: what it raises is an unhandled error, but Throttled, which is no invocation.

    Events pass through JSON, so that a handler may change what it is given. `duration` is how long, on the clock,
    each invocation takes.
    """

    def __init__(self, handler: Handler, clock: Clock, duration: float = 0.0, arn: str = FUNCTION_ARN) -> None:
        self.arn = arn
        self.events: list[dict[str, Any]] = []
        self.moments: list[float] = []
        self.running = 0
        self.most_running = 0
        self._handler = handler
        self._clock = clock
        self._duration = duration

    async def invoke(self, event: dict[str, Any]) -> Invocation:
        seen = json.loads(json.dumps(event))
        self.events.append(seen)
        self.moments.append(self._clock.now())
        self.running += 1
        self.most_running = max(self.most_running, self.running)
        try:
            if self._duration:
                await self._clock.sleep(self._duration)
            return self._answer(json.loads(json.dumps(event)), f"request-{len(self.events)}")
        finally:
            self.running -= 1

    def _answer(self, event: dict[str, Any], request_id: str) -> Invocation:
        try:
            return Invocation(request_id, "$LATEST", None, self._handler(event))
        except Throttled:
            raise
        except Exception as error:
            answer = {"errorType": type(error).__name__, "errorMessage": str(error)}
            return Invocation(request_id, "$LATEST", "Unhandled", answer)


def label(record: dict[str, Any]) -> str:
    """What `Rehearsal.put` was given for this record."""
    if "dynamodb" in record:
        return str(record["dynamodb"]["NewImage"]["label"]["S"])
    if "kinesis" in record:
        return b64decode(record["kinesis"]["data"]).decode()
    return str(record["body"])


def identifier(record: dict[str, Any]) -> str:
    """What a partial batch response calls this record."""
    if "dynamodb" in record:
        return str(record["dynamodb"]["SequenceNumber"])
    return str(record["kinesis"]["sequenceNumber"] if "kinesis" in record else record["messageId"])


class Rehearsal:
    """One mapping with its surroundings; `request` is a CreateEventSourceMapping request or a part of one."""

    def __init__(
        self,
        request: dict[str, Any],
        handler: Handler = lambda _event: None,
        *,
        source_arn: str = TABLE_STREAM_ARN,
        shards: int = 1,
        duration: float = 0.0,
        pace: Pace | None = None,
    ) -> None:
        self.clock = VirtualClock()
        self.function = HandlerFunction(handler, self.clock, duration)
        self.destinations = MemoryDestinations()
        self.log = StepLog()
        self.stream: TableStream | DataStream | None = None
        self.queue: MemoryQueue | None = None
        self.source = self._new_source(source_arn, shards)
        self._request = {"EventSourceArn": source_arn} | request
        if self.queue is None:
            self._request = {"StartingPosition": "TRIM_HORIZON"} | self._request
        self._pace = pace
        self.mapping = self.new_mapping()

    def _new_source(self, arn: str, shards: int) -> StreamSource | QueueSource:
        service = arn.split(":")[2]
        if service == "sqs":
            self.queue = MemoryQueue(arn, self.clock)
            return self.queue
        if service == "kinesis":
            data_stream = DataStream(arn, self.clock.now, shards=shards)
            self.stream = data_stream
            return DataStreamSource(data_stream)
        table_stream = TableStream(arn, self.clock.now, shards=shards)
        self.stream = table_stream
        return TableStreamSource(table_stream)

    def new_mapping(self, checkpoints: dict[str, Any] | None = None) -> EventSourceMapping:
        """Another life of the mapping, from checkpoints if there are any."""
        settings = MappingSettings.from_request(self._request)
        self.mapping = EventSourceMapping(
            "11111111-2222-4333-8444-555555555555",
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
    def store(self) -> Any:
        """The shards of the stream, to split, merge, close and trim."""
        if self.stream is None:
            raise TypeError("a queue has no shards")
        return self.stream.store

    def put(self, text: str, item: str = "item") -> str:
        """Add a record or message that `label` reads back; return what identifies it."""
        if self.queue is not None:
            return self.queue.send(text)
        if isinstance(self.stream, DataStream):
            return self.stream.put(item, text.encode())
        if self.stream is None:
            raise TypeError("neither a stream nor a queue")
        keys = {"id": {"S": item}}
        return self.stream.put(keys, keys | {"label": {"S": text}})

    @property
    def delivered(self) -> list[list[str]]:
        """The labels of every delivery, in order."""
        return [[label(record) for record in event["Records"]] for event in self.function.events]

    @property
    def delivered_at(self) -> list[float]:
        """When each delivery began, in seconds since the first."""
        return [round(moment - self.function.moments[0], 3) for moment in self.function.moments]

    def play(self) -> None:
        """Run the mapping from the start until all is delivered, in a virtual time of its own."""
        run(self.until_idle())

    async def until_idle(self) -> None:
        """Run the mapping until all is delivered, within the running virtual time."""
        async with running(self):
            await self.idle()

    async def idle(self) -> None:
        """Wait until the mapping has delivered everything that was there when this was called."""
        called = self.clock.now()
        while (self.mapping.idle_since() or 0.0) <= called:
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
