"""Settings of a Kinesis stream that moto does not have: the longest record, and how records are spread over shards.

https://docs.aws.amazon.com/kinesis/latest/APIReference/API_CreateStream.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

from .kinesis_streams import AUTO, BY_KEY, LEAST_KIB, ShardedStream, ShardedStreams
from .wire import ServiceError

MOST_KIB = 10_240
"""Upper bound of ``MaxRecordSizeInKiB``."""


def create_stream(streams: ShardedStreams, call: Mapping[str, Any]) -> dict[str, Any]:
    """Create a stream with its settings. Raises ``ServiceError`` for values that AWS refuses."""
    mode, kib = call.get("StreamModeDetails"), _checked(call.get("MaxRecordSizeInKiB", LEAST_KIB))
    on_demand = (mode or {}).get("StreamMode") == "ON_DEMAND"
    strategy = _allowed(call.get("RecordDistributionStrategy", BY_KEY), on_demand=on_demand)
    stream = cast("ShardedStream", streams.create_stream(call["StreamName"], call.get("ShardCount"), mode))
    stream.max_record_kib, stream.distribution = kib, strategy
    return {}


def describe(stream: ShardedStream) -> dict[str, Any]:
    """Return the answer of DescribeStreamSummary: moto's, with these settings and with the time as the API sends it."""
    summary = stream.to_json_summary()["StreamDescriptionSummary"]
    summary["StreamCreationTimestamp"] = summary["StreamCreationTimestamp"].timestamp()
    summary["MaxRecordSizeInKiB"] = stream.max_record_kib
    if stream.is_on_demand:
        summary["RecordDistributionStrategy"] = stream.distribution
    return {"StreamDescriptionSummary": {name: value for name, value in summary.items() if value is not None}}


def update_record_size(stream: ShardedStream, call: Mapping[str, Any]) -> dict[str, Any]:
    stream.max_record_kib = _checked(call["MaxRecordSizeInKiB"])
    return {}


def update_distribution(stream: ShardedStream, call: Mapping[str, Any]) -> dict[str, Any]:
    """Change how new records are spread; records already in the stream keep their shards."""
    stream.distribution = _allowed(call["RecordDistributionStrategy"], on_demand=stream.is_on_demand)
    return {}


def _checked(kib: int) -> int:
    if not LEAST_KIB <= kib <= MOST_KIB:
        raise ServiceError(
            "ValidationException",
            f"1 validation error detected: Value '{kib}' at 'maxRecordSizeInKiB' failed to satisfy constraint: Member "
            f"must have value between {LEAST_KIB} and {MOST_KIB}",
        )
    return kib


def _allowed(strategy: str, *, on_demand: bool) -> str:
    if strategy not in (BY_KEY, AUTO):
        raise ServiceError(
            "ValidationException",
            f"1 validation error detected: Value '{strategy}' at 'recordDistributionStrategy' failed to satisfy "
            f"constraint: Member must satisfy enum value set: [{AUTO}, {BY_KEY}]",
        )
    if strategy == AUTO and not on_demand:
        raise ServiceError(
            "InvalidArgumentException", f"Record distribution strategy {AUTO} needs a stream in ON_DEMAND mode"
        )
    return strategy
