"""What the deliveries of one shard share, and how they are told to stop."""

import asyncio
import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from event_source_mapping.clock import Clock
from event_source_mapping.formats import Record, RecordFormat
from event_source_mapping.pace import Pace
from event_source_mapping.ports import Destinations, Function
from event_source_mapping.settings import MappingSettings
from event_source_mapping.steps import StepKind


@dataclass(frozen=True, slots=True)
class DeliveryContext:
    """What every delivery of one shard shares."""

    mapping_uuid: str
    shard_id: str
    stream_arn: str
    settings: MappingSettings
    record_format: RecordFormat
    function: Function
    destinations: Destinations
    clock: Clock
    pace: Pace
    new_id: Callable[[], str]
    note: Callable[[StepKind, list[Record], dict[str, Any]], None]
    concluded: Callable[[str], None]
    faulted: Callable[[Exception], None]
    halt: asyncio.Event
    retention: float = math.inf  # seconds for which the stream keeps a record

    @property
    def maximum_age(self) -> float:
        """Seconds after which a record is given up: by the settings, or because the stream has it no more."""
        configured = self.settings.maximum_record_age_in_seconds
        return self.retention if configured < 0 else min(configured, self.retention)


class Halted(Exception):
    """The mapping stops between two attempts: what is not settled is delivered again from the checkpoint."""
