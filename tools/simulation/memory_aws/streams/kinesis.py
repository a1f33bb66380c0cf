"""Kinesis Data Streams of one region: streams, their shards, and writing into them.

https://docs.aws.amazon.com/kinesis/latest/APIReference/
"""

from collections.abc import Callable, Mapping
from typing import Any

from event_source_mapping.memory import DataStream, StoredShard
from event_source_mapping.memory.store import HASH_SPACE
from event_source_mapping.memory.streams import KINESIS_LIMITS
from simulation.memory_aws.client import Operation
from simulation.memory_aws.errors import Refusal
from simulation.memory_aws.hook import Answer, Call
from simulation.memory_aws.streams.reading import (
    iterator_of,
    numbers_of,
    page_of,
    shard_page,
    split_iterator,
)

FIRST_SEQUENCE_NUMBER = 10**56 - 40
"""Of the 56 digits that AWS's have, and soon of 57: numbers that are compared as text come out wrong."""

INVALID = "InvalidArgumentException"
MOST_PUT = 500
DEFAULT_KIB = 1024
"""Of ``MaxRecordSizeInKiB``."""
ON_DEMAND_SHARDS = 4
THROTTLED = "ProvisionedThroughputExceededException"


def refused(message: str) -> Refusal:
    """Return the refusal of a request that makes no sense to Kinesis."""
    return Refusal(INVALID, message)


class Kinesis:
    """``streams`` holds what whoever sets the stage may split, trim and give to a mapping, by ARN."""

    reentrant = False

    def __init__(self, account: str, region: str, now: Callable[[], float]) -> None:
        self._account = account
        self._prefix = f"arn:aws:kinesis:{region}:{account}:stream/"
        self._now = now
        self.streams: dict[str, DataStream] = {}
        self._most_bytes: dict[str, int] = {}
        self.operations: dict[str, Operation] = {
            "create_stream": self._create_stream,
            "describe_stream_summary": self._describe_stream_summary,
            "put_record": self._put_record,
            "put_records": self._put_records,
            "list_shards": self._list_shards,
            "split_shard": self._split_shard,
            "merge_shards": self._merge_shards,
            "get_shard_iterator": self._get_shard_iterator,
            "get_records": self._get_records,
        }

    def _named(self, parameters: Mapping[str, Any]) -> DataStream:
        arn = parameters.get("StreamARN") or self._prefix + parameters["StreamName"]
        if arn not in self.streams:
            name = arn.removeprefix(self._prefix)
            raise Refusal("ResourceNotFoundException", f"Stream {name} under account {self._account} not found.")
        return self.streams[arn]

    def _create_stream(self, call: Call) -> Answer:
        name = call.parameters["StreamName"]
        arn = self._prefix + name
        if arn in self.streams:
            raise Refusal("ResourceInUseException", f"Stream {name} under account {self._account} already exists.")
        self.streams[arn] = DataStream(
            arn,
            self._now,
            shards=call.parameters.get("ShardCount", ON_DEMAND_SHARDS),
            first_sequence_number=FIRST_SEQUENCE_NUMBER,
        )
        self._most_bytes[arn] = call.parameters.get("MaxRecordSizeInKiB", DEFAULT_KIB) * 1024
        return {}

    def most_bytes(self, arn: str) -> int:
        """Return the size of a stream's record at the most, its partition key included."""
        return self._most_bytes.get(arn, DEFAULT_KIB * 1024)

    def _describe_stream_summary(self, call: Call) -> Answer:
        stream = self._named(call.parameters)
        shards = stream.store.listing()
        summary = {
            "StreamName": stream.arn.removeprefix(self._prefix),
            "StreamARN": stream.arn,
            "StreamStatus": "ACTIVE",
            "RetentionPeriodHours": int(stream.store.limits.retention // 3600),
            "MaxRecordSizeInKiB": self.most_bytes(stream.arn) // 1024,
            "OpenShardCount": sum(shard.ending is None for shard in shards),
        }
        return {"StreamDescriptionSummary": summary}

    def _put_record(self, call: Call) -> Answer:
        return self._put(self._named(call.parameters), call.parameters)

    def _put_records(self, call: Call) -> Answer:
        stream, records = self._named(call.parameters), call.parameters["Records"]
        if not 1 <= len(records) <= MOST_PUT:
            raise Refusal(
                "ValidationException",
                "1 validation error detected: Value at 'records' failed to satisfy constraint: Member must have "
                f"length less than or equal to {MOST_PUT}",
            )
        taken = max(len(records) - call.whims.unprocessed, 0)
        answers = [self._put(stream, record) for record in records[:taken]]
        failure = {"ErrorCode": THROTTLED, "ErrorMessage": "Rate exceeded for shard"}
        failed = [dict(failure) for _ in records[taken:]]
        return {"FailedRecordCount": len(failed), "Records": answers + failed}

    def _put(self, stream: DataStream, record: Mapping[str, Any]) -> dict[str, Any]:
        key, explicit = record["PartitionKey"], record.get("ExplicitHashKey")
        content = record["Data"].encode() if isinstance(record["Data"], str) else bytes(record["Data"])
        if not 1 <= len(key) <= 256:
            raise refused("A partition key has from 1 to 256 characters")
        if explicit and not (explicit.isdigit() and int(explicit) < HASH_SPACE):
            raise refused(f"ExplicitHashKey must be between 0 and {HASH_SPACE - 1}")
        if len(content) + len(key.encode()) > self.most_bytes(stream.arn):
            raise refused(f"A record exceeds {self.most_bytes(stream.arn) // 1024} KiB")
        number, shard_id = stream.put_in_shard(key, content, int(explicit) if explicit else None)
        return {"SequenceNumber": number, "ShardId": shard_id}

    def _list_shards(self, call: Call) -> Answer:
        parameters = call.parameters
        arn, _, after = str(parameters.get("NextToken", "")).partition("|")
        stream = self._named({"StreamARN": arn} if arn else parameters)
        start = after or parameters.get("ExclusiveStartShardId")
        page, more = shard_page(stream.store.listing(), start, parameters.get("MaxResults", 1000))
        answer: Answer = {"Shards": [_shard_document(shard) for shard in page]}
        return answer | ({"NextToken": f"{stream.arn}|{page[-1].shard_id}"} if more else {})

    def _split_shard(self, call: Call) -> Answer:
        parameters = call.parameters
        stream, at = self._named(parameters), int(parameters["NewStartingHashKey"])
        shard = self._open(stream, parameters["ShardToSplit"])
        if not shard.first_hash < at <= shard.last_hash:
            raise refused(f"NewStartingHashKey {at} is not within the range of {shard.shard_id}")
        stream.store.split(shard.shard_id, at)
        return {}

    def _merge_shards(self, call: Call) -> Answer:
        stream = self._named(call.parameters)
        pair = [self._open(stream, call.parameters[name]) for name in ("ShardToMerge", "AdjacentShardToMerge")]
        low, high = sorted(pair, key=lambda shard: shard.first_hash)
        if low.last_hash + 1 != high.first_hash:
            raise refused(f"{low.shard_id} and {high.shard_id} are not an adjacent pair of shards")
        stream.store.merge(*(shard.shard_id for shard in pair))
        return {}

    def _open(self, stream: DataStream, shard_id: str) -> StoredShard:
        found = {shard.shard_id: shard for shard in stream.store.listing()}
        if shard_id not in found:
            raise Refusal("ResourceNotFoundException", f"Shard {shard_id} in stream {stream.arn} does not exist")
        if found[shard_id].ending is not None:
            raise refused(f"Shard {shard_id} has already been merged or split")
        return found[shard_id]

    def _get_shard_iterator(self, call: Call) -> Answer:
        stream = self._named(call.parameters)
        return iterator_of(stream.store, stream.arn, call.parameters, "StartingSequenceNumber", INVALID)

    def _get_records(self, call: Call) -> Answer:
        limit = call.parameters.get("Limit", KINESIS_LIMITS.records)
        if not 1 <= limit <= KINESIS_LIMITS.records:
            raise refused(f"Limit must be between 1 and {KINESIS_LIMITS.records}, not {limit}")
        arn, inner = split_iterator(call.parameters["ShardIterator"], INVALID)
        store = self._named({"StreamARN": arn}).store
        page, following = page_of(store, arn, inner, limit, empty=call.whims.empty)
        # A page that others follow is behind by something, however short the time: 0 says that nothing follows.
        behind = max(page.milliseconds_behind, 1) if page.more else 0
        answer: Answer = {"Records": [dict(body) for body in page.bodies], "MillisBehindLatest": behind}
        if following:
            return answer | {"NextShardIterator": following}
        shard_id = inner.partition("|")[0]
        children = [_child_document(shard) for shard in store.listing() if shard_id in shard.parents]
        return answer | {"ChildShards": children}


def _range_of(shard: StoredShard) -> dict[str, str]:
    return {"StartingHashKey": str(shard.first_hash), "EndingHashKey": str(shard.last_hash)}


def _shard_document(shard: StoredShard) -> dict[str, Any]:
    parents = dict(zip(("ParentShardId", "AdjacentParentShardId"), shard.parents, strict=False))
    return {
        "ShardId": shard.shard_id,
        "HashKeyRange": _range_of(shard),
        "SequenceNumberRange": numbers_of(shard),
    } | parents


def _child_document(shard: StoredShard) -> dict[str, Any]:
    return {"ShardId": shard.shard_id, "ParentShards": list(shard.parents), "HashKeyRange": _range_of(shard)}
