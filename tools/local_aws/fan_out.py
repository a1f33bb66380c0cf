"""Enhanced fan-out: SubscribeToShard, which pushes a shard's records to a registered consumer.

https://docs.aws.amazon.com/kinesis/latest/APIReference/API_SubscribeToShard.html
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

from .event_stream import event
from .hash_range_shard import HashRangeShard
from .kinesis_api import child_document, find_shard, find_stream, place_in
from .kinesis_streams import ShardedStream, ShardedStreams
from .wire import Request, ServiceError

SUBSCRIPTION_SECONDS = 300.0
AGAIN_SECONDS = 5.0
"""A second subscription to the same shard is refused for so long; later it takes the place of the first."""
HEARTBEAT_SECONDS = 5.0
LOOK_SECONDS = 0.02
MOST_RECORDS, MOST_BYTES = 10_000, 2 * 1_048_576

type _Key = tuple[str, str]  # consumer ARN, shard id


class ConsumerSubscriptions:
    """The subscriptions of all consumers; `lock` guards the streams."""

    def __init__(self, streams: Callable[[str], ShardedStreams], lock: threading.RLock) -> None:
        self._streams = streams
        self._lock = lock
        self._begun: dict[_Key, float] = {}

    def subscribe(self, request: Request) -> Iterator[bytes]:
        """The messages of one subscription, up to five minutes of them; `ServiceError` before the first."""
        call, streams = request.json, self._streams(request.region)
        with self._lock:
            consumer = streams.describe_stream_consumer("", "", call["ConsumerARN"])
            stream = find_stream(streams, {"StreamARN": consumer.stream_arn})
            shard = find_shard(stream, call["ShardId"])
            where = call["StartingPosition"]
            after = place_in(
                shard,
                {
                    "ShardIteratorType": where["Type"],
                    "StartingSequenceNumber": where.get("SequenceNumber"),
                    **({"Timestamp": where["Timestamp"]} if "Timestamp" in where else {}),
                },
            )
            key = consumer.consumer_arn, shard.shard_id
            begun = self._begin(key)
        return self._events(key, begun, stream, shard, after)

    def _begin(self, key: _Key) -> float:
        now = time.monotonic()
        if now - self._begun.get(key, -AGAIN_SECONDS) < AGAIN_SECONDS:
            raise ServiceError(
                "ResourceInUseException",
                f"Another active subscription exists for this consumer: {key[0]} and shard: {key[1]}",
            )
        self._begun[key] = now
        return now

    def _events(
        self, key: _Key, begun: float, stream: ShardedStream, shard: HashRangeShard, after: int
    ) -> Iterator[bytes]:
        yield event("initial-response", {})
        told = -HEARTBEAT_SECONDS
        while time.monotonic() - begun < SUBSCRIPTION_SECONDS and self._begun.get(key) == begun:
            with self._lock:
                page = shard.log.read(after, MOST_RECORDS, MOST_BYTES)
                after = page[-1].sequence_number if page else after
                document = _document(stream, shard, [entry.record for entry in page], after)
            if page or "ChildShards" in document or time.monotonic() - told >= HEARTBEAT_SECONDS:
                told = time.monotonic()
                yield event("SubscribeToShardEvent", document)
            else:
                time.sleep(LOOK_SECONDS)
            if "ChildShards" in document:
                return


def _document(stream: ShardedStream, shard: HashRangeShard, records: list[Any], after: int) -> dict[str, Any]:
    """At the shard's end the children are told, and no place where to go on."""
    waiting = shard.log.next_after(after)
    behind = 0 if waiting is None else max(1, int((shard.clock() - waiting.at) * 1000))
    document: dict[str, Any] = {"Records": records, "MillisBehindLatest": behind}
    if waiting is None and not shard.is_open:
        return document | {"ChildShards": [child_document(child) for child in stream.children(shard.shard_id)]}
    return document | {"ContinuationSequenceNumber": str(after)}
