"""How often a mapping looks and how long it waits: frozen values that a host may replace."""

from dataclasses import dataclass, field

from event_source_mapping.retry import Backoff

# Reads per shard (developer guide, with-ddb and with-kinesis).
DYNAMODB_POLL_INTERVAL = 0.25
KINESIS_POLL_INTERVAL = 1.0
# How often Lambda lists a stream's shards is not published.
DISCOVERY_INTERVAL = 15.0
QUEUE_LONG_POLL = 20.0


@dataclass(frozen=True, slots=True)
class Pace:
    """Seconds between reads of a shard, between listings of shards, of a queue's long poll; and the backoff."""

    poll_interval: float
    discovery_interval: float = DISCOVERY_INTERVAL
    long_poll: float = QUEUE_LONG_POLL
    backoff: Backoff = field(default_factory=Backoff)
