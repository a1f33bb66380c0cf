"""Streams, queues and destinations in memory, for virtual time and for local endpoints."""

from event_source_mapping.memory.destinations import MemoryDestinations
from event_source_mapping.memory.queues import MemoryQueue
from event_source_mapping.memory.sources import ConsumerSource, DataStreamSource, TableStreamSource
from event_source_mapping.memory.store import ShardStore
from event_source_mapping.memory.stored import Limits, StoredPage, StoredRecord, StoredShard
from event_source_mapping.memory.streams import DataStream, MemoryTableStream

__all__ = [
    "ConsumerSource",
    "DataStream",
    "DataStreamSource",
    "Limits",
    "MemoryDestinations",
    "MemoryQueue",
    "MemoryTableStream",
    "ShardStore",
    "StoredPage",
    "StoredRecord",
    "StoredShard",
    "TableStreamSource",
]
