"""An event source mapping: settings, a source, a function and destinations, run by one asyncio task."""

import asyncio
import math
import uuid as uuids
from collections.abc import Callable
from dataclasses import replace
from enum import StrEnum
from typing import Any

from event_source_mapping.checkpoints import positions_in, start_in, starting_position, written
from event_source_mapping.clock import Clock
from event_source_mapping.delivery_context import DeliveryContext
from event_source_mapping.filters import RecordFilter
from event_source_mapping.formats import Record
from event_source_mapping.pace import DYNAMODB_POLL_INTERVAL, KINESIS_POLL_INTERVAL, Pace
from event_source_mapping.ports import Destinations, Function, QueueSource, Retaining, StreamSource
from event_source_mapping.queue_poller import QueueContext, QueuePoller
from event_source_mapping.settings import MappingSettings, SourceKind
from event_source_mapping.steps import Observer, Step, StepKind
from event_source_mapping.stream_poller import StreamPoller


class MappingState(StrEnum):
    CREATING = "Creating"
    ENABLING = "Enabling"
    ENABLED = "Enabled"
    DISABLING = "Disabling"
    DISABLED = "Disabled"
    UPDATING = "Updating"


def default_pace(kind: SourceKind) -> Pace:
    """AWS's own rates."""
    return Pace(DYNAMODB_POLL_INTERVAL if kind is SourceKind.DYNAMODB else KINESIS_POLL_INTERVAL)


class EventSourceMapping:
    """One mapping; `checkpoints` (from `checkpoints()` of an earlier one) is where it resumes."""

    def __init__(
        self,
        uuid: str,
        settings: MappingSettings,
        source: StreamSource | QueueSource,
        function: Function,
        destinations: Destinations,
        clock: Clock,
        observer: Observer,
        checkpoints: dict[str, Any] | None = None,
        *,
        poll_interval: float | None = None,
        pace: Pace | None = None,
        new_id: Callable[[], str] = lambda: str(uuids.uuid4()),
    ) -> None:
        chosen = pace or default_pace(settings.kind)
        self._pace = chosen if poll_interval is None else replace(chosen, poll_interval=poll_interval)
        self._uuid = uuid
        self._settings = settings
        self._source = source
        self._function = function
        self._destinations = destinations
        self._clock = clock
        self._observer = observer
        self._new_id = new_id
        self._state = MappingState.CREATING
        self._last_processing_result = "No records processed"
        self._fault: Exception | None = None
        self._positions = positions_in(checkpoints or {})
        self._done: dict[str, set[str]] = {}
        self._changed = asyncio.Event()
        start = start_in(checkpoints or {})
        self._start = start or starting_position(settings, clock.now())
        self._is_resumed = start is not None  # so that LATEST is a moment in the past
        self._poller: StreamPoller | QueuePoller = self._new_poller()

    @property
    def uuid(self) -> str:
        return self._uuid

    @property
    def settings(self) -> MappingSettings:
        return self._settings

    @property
    def state(self) -> str:
        """As GetEventSourceMapping reports it."""
        return str(self._state)

    @property
    def last_processing_result(self) -> str:
        """As GetEventSourceMapping reports it."""
        return self._last_processing_result

    @property
    def fault(self) -> Exception | None:
        """The last error that no port may raise, or that is the engine's own: its shard was begun again."""
        return self._fault

    def checkpoints(self) -> dict[str, Any]:
        """Where a mapping made anew goes on without losing a record, as a JSON object."""
        return written(self._positions, self._start)

    def idle(self) -> bool:
        """Whether all that was read is settled and the last read of every shard found nothing."""
        return self.idle_since() is not None

    def idle_since(self) -> float | None:
        """The moment up to which the source was seen to hold nothing undelivered; None while there is work.

        What was written before that moment has been delivered, which `idle()` alone does not tell.
        """
        return self._clock.now() if self._state is MappingState.DISABLED else self._poller.idle_since

    async def run(self) -> None:
        """Poll and deliver until cancelled; what was in flight then is delivered again by the next run.

        A disabled mapping keeps its place and waits for an update that enables it.
        """
        self._changed = asyncio.Event()  # an event belongs to the loop on which it was first awaited
        while True:
            self._changed.clear()
            if self._settings.enabled:
                self._poller = self._new_poller()
                self._state = MappingState.ENABLED
                await self._poller.run()
            else:
                self._state = MappingState.DISABLED
                await self._changed.wait()

    def update(self, settings: MappingSettings) -> None:
        """Go on under other settings: invocations under way are awaited, the rest resumes at the checkpoints.

        To be called on the event loop that runs the mapping.
        """
        was_enabled, self._settings = self._settings.enabled, settings
        if was_enabled == settings.enabled:
            self._state = MappingState.UPDATING
        else:
            self._state = MappingState.ENABLING if settings.enabled else MappingState.DISABLING
        self._is_resumed = True
        self._changed.set()
        self._poller.stop()

    def _new_poller(self) -> "StreamPoller | QueuePoller":
        record_filter = RecordFilter.compiled(self._settings.filter_patterns, str(self._settings.kind))
        source, halt = self._source, asyncio.Event()
        if isinstance(source, QueueSource):
            return QueuePoller(self._queue_context(source, halt), record_filter)
        return StreamPoller(
            source,
            self._start,
            self._positions,
            record_filter,
            lambda shard_id: self._delivery_context(source, shard_id, halt),
            halt,
            resumed=self._is_resumed,
            done=self._done,
        )

    def _queue_context(self, source: QueueSource, halt: asyncio.Event) -> QueueContext:
        return QueueContext(
            source=source,
            settings=self._settings,
            function=self._function,
            clock=self._clock,
            pace=self._pace,
            note=lambda kind, records, detail: self._note(
                kind, None, tuple(record["messageId"] for record in records), detail
            ),
            concluded=self._conclude,
            halt=halt,
        )

    def _delivery_context(self, source: StreamSource, shard_id: str, halt: asyncio.Event) -> DeliveryContext:
        sequence_number = source.format.sequence_number

        def note(kind: StepKind, records: list[Record], detail: dict[str, Any]) -> None:
            self._note(kind, shard_id, tuple(map(sequence_number, records)), detail)

        return DeliveryContext(
            mapping_uuid=self._uuid,
            shard_id=shard_id,
            stream_arn=source.arn,
            settings=self._settings,
            record_format=source.format,
            function=self._function,
            destinations=self._destinations,
            clock=self._clock,
            pace=self._pace,
            new_id=self._new_id,
            note=note,
            concluded=self._conclude,
            faulted=self._take_note_of_fault,
            halt=halt,
            retention=source.retention if isinstance(source, Retaining) else math.inf,
        )

    def _note(
        self, kind: StepKind, shard_id: str | None, sequence_numbers: tuple[str, ...], detail: dict[str, Any]
    ) -> None:
        self._observer.on(Step(kind, self._uuid, shard_id, self._clock.now(), sequence_numbers, detail))

    def _take_note_of_fault(self, error: Exception) -> None:
        self._fault = error
        self._conclude(f"PROBLEM: {type(error).__name__}: {error}")

    def _conclude(self, result: str) -> None:
        self._last_processing_result = result
