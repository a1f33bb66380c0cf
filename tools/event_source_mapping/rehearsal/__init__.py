"""A mapping rehearsed in virtual time: a source in memory, a handler called in place, nothing else needed.

rehearsal = Rehearsal({"BatchSize": 3}, lambda event: None)
rehearsal.put("first")
rehearsal.play()
assert rehearsal.delivered == [["first"]]
"""

from event_source_mapping.rehearsal.function import Handler, HandlerFunction, RehearsalContext
from event_source_mapping.rehearsal.rehearsal import Rehearsal, running
from event_source_mapping.rehearsal.surroundings import (
    CONSUMER_ARN,
    DATA_STREAM_ARN,
    FAILED_BATCHES_ARN,
    FUNCTION_ARN,
    QUEUE_ARN,
    TABLE_STREAM_ARN,
    Surroundings,
    identifier,
    label,
)

__all__ = [
    "CONSUMER_ARN",
    "DATA_STREAM_ARN",
    "FAILED_BATCHES_ARN",
    "FUNCTION_ARN",
    "QUEUE_ARN",
    "TABLE_STREAM_ARN",
    "Handler",
    "HandlerFunction",
    "Rehearsal",
    "RehearsalContext",
    "Surroundings",
    "identifier",
    "label",
    "running",
]
