"""What Lambda does between a DynamoDB stream, a Kinesis stream or an SQS queue and a function.

Time, sources, functions and destinations are handed in: the same engine runs under a virtual clock over
streams in memory and in real time over boto3 (`event_source_mapping.aws`).
"""

from event_source_mapping.checkpoints import first_checkpoints
from event_source_mapping.clock import Clock, SystemClock
from event_source_mapping.errors import (
    DestinationRefused,
    IteratorExpired,
    RecordsTrimmed,
    SettingsRefused,
    ShardNotFound,
    SourceError,
    Throttled,
)
from event_source_mapping.mapping import EventSourceMapping, MappingState, default_pace
from event_source_mapping.pace import Pace
from event_source_mapping.ports import (
    Destinations,
    DiscardedBatch,
    Function,
    FunctionAnswer,
    Page,
    QueueSource,
    Retaining,
    Shard,
    StreamSource,
)
from event_source_mapping.positions import Position, PositionType
from event_source_mapping.retry import Backoff
from event_source_mapping.settings import MappingSettings, SourceKind
from event_source_mapping.steps import Observer, Step, StepKind, StepLog, Unobserved

__all__ = [
    "Backoff",
    "Clock",
    "DestinationRefused",
    "Destinations",
    "DiscardedBatch",
    "EventSourceMapping",
    "Function",
    "FunctionAnswer",
    "IteratorExpired",
    "MappingSettings",
    "MappingState",
    "Observer",
    "Pace",
    "Page",
    "Position",
    "PositionType",
    "QueueSource",
    "RecordsTrimmed",
    "Retaining",
    "SettingsRefused",
    "Shard",
    "ShardNotFound",
    "SourceError",
    "SourceKind",
    "Step",
    "StepKind",
    "StepLog",
    "StreamSource",
    "SystemClock",
    "Throttled",
    "Unobserved",
    "default_pace",
    "first_checkpoints",
]
