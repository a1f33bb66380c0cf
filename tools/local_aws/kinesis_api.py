"""The part of Kinesis's API that reads and writes records and lists shards; the rest is moto's.

https://docs.aws.amazon.com/kinesis/latest/APIReference/
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable
from typing import Any, cast

from .hash_range_shard import HashRangeShard
from .iterators import ShardIterator
from .kinesis_streams import ShardedStream, ShardedStreams
from .stream_settings import create_stream, describe, update_distribution, update_record_size
from .wire import Request, ServiceError

ITERATOR_SECONDS = 300
MOST_RECORDS, MOST_BYTES = 10_000, 10 * 1_048_576
MOST_PUT_RECORDS, MOST_PUT_BYTES = 500, 10 * 1_048_576

_SEQUENCE_NUMBER = re.compile(r"[0-9]{1,129}")

type _Call = dict[str, Any]


class KinesisApi:
    """Answer one operation; the caller holds the Kinesis lock."""

    def __init__(self, streams: Callable[[str], ShardedStreams]) -> None:
        self._streams = streams
        self._operations: dict[str, Callable[[ShardedStreams, _Call], dict[str, Any]]] = {
            "PutRecord": self._put_record,
            "PutRecords": self._put_records,
            "GetShardIterator": self._get_shard_iterator,
            "GetRecords": self._get_records,
            "ListShards": self._list_shards,
            "CreateStream": create_stream,
            "DescribeStreamSummary": lambda streams, call: describe(find_stream(streams, call)),
            "UpdateMaxRecordSize": lambda streams, call: update_record_size(find_stream(streams, call), call),
            "UpdateStreamRecordDistributionStrategy": lambda streams, call: update_distribution(
                find_stream(streams, call), call
            ),
        }

    def serves(self, request: Request) -> bool:
        return request.target[1] in self._operations

    def answer(self, request: Request) -> dict[str, Any]:
        return self._operations[request.target[1]](self._streams(request.region), request.json)

    def _put_record(self, streams: ShardedStreams, call: _Call) -> dict[str, Any]:
        stream = find_stream(streams, call)
        _check_sizes(stream, [call])
        number, shard_id = stream.put_record(call.get("PartitionKey") or "", call.get("ExplicitHashKey"), call["Data"])
        return {"SequenceNumber": number, "ShardId": shard_id}

    def _put_records(self, streams: ShardedStreams, call: _Call) -> dict[str, Any]:
        stream = find_stream(streams, call)
        records = call["Records"]
        if not 1 <= len(records) <= MOST_PUT_RECORDS:
            raise ServiceError(
                "ValidationException",
                f"1 validation error detected: Value at 'records' failed to satisfy constraint: Member must have "
                f"length less than or equal to {MOST_PUT_RECORDS}",
            )
        _check_sizes(stream, records)
        put = [
            stream.put_record(record.get("PartitionKey") or "", record.get("ExplicitHashKey"), record["Data"])
            for record in records
        ]
        answers = [{"SequenceNumber": number, "ShardId": shard_id} for number, shard_id in put]
        return {"FailedRecordCount": 0, "Records": answers}

    def _get_shard_iterator(self, streams: ShardedStreams, call: _Call) -> dict[str, Any]:
        stream = find_stream(streams, call)
        shard = find_shard(stream, call["ShardId"])
        issued_at = streams.clock()
        return {"ShardIterator": ShardIterator(stream.arn, shard.shard_id, place_in(shard, call), issued_at).encode()}

    def _get_records(self, streams: ShardedStreams, call: _Call) -> dict[str, Any]:
        iterator = _decode(call["ShardIterator"])
        now, limit = streams.clock(), int(call.get("Limit") or MOST_RECORDS)
        if not 1 <= limit <= MOST_RECORDS:
            raise _invalid(f"Limit must be between 1 and {MOST_RECORDS}, not {limit}")
        if now - iterator.issued_at > ITERATOR_SECONDS:
            raise ServiceError(
                "ExpiredIteratorException",
                f"Iterator expired. The iterator was created {now - iterator.issued_at:.0f} seconds ago, its life is "
                f"{ITERATOR_SECONDS} seconds",
            )
        stream = find_stream(streams, {"StreamARN": iterator.stream})
        shard = find_shard(stream, iterator.shard_id)
        page = shard.log.read(iterator.after, limit, MOST_BYTES)
        after = page[-1].sequence_number if page else iterator.after
        waiting = shard.log.next_after(after)
        answer: dict[str, Any] = {
            "Records": [entry.record for entry in page],
            "MillisBehindLatest": 0 if waiting is None else max(1, int((now - waiting.at) * 1000)),
        }
        if waiting is None and not shard.is_open:
            answer["ChildShards"] = [child_document(child) for child in stream.children(shard.shard_id)]
        else:
            answer["NextShardIterator"] = ShardIterator(stream.arn, shard.shard_id, after, now).encode()
        return answer

    def _list_shards(self, streams: ShardedStreams, call: _Call) -> dict[str, Any]:
        if "NextToken" in call:
            arn, start = _place_in_list(call["NextToken"])
            stream = find_stream(streams, {"StreamARN": arn})
        else:
            stream, start = find_stream(streams, call), call.get("ExclusiveStartShardId", "")
        chosen = [shard for shard in _filtered(stream, call.get("ShardFilter")) if shard.shard_id > start]
        most = int(call.get("MaxResults") or 1000)
        answer: dict[str, Any] = {"Shards": [shard.to_json() for shard in chosen[:most]]}
        if len(chosen) > most:
            token = json.dumps([stream.arn, chosen[most - 1].shard_id])
            answer["NextToken"] = base64.b64encode(token.encode()).decode()
        return answer


def find_stream(streams: ShardedStreams, call: _Call) -> ShardedStream:
    """The stream that a request names; raises ResourceNotFoundException."""
    stream = streams.describe_stream(call.get("StreamARN"), call.get("StreamName"))
    return cast("ShardedStream", stream)


def find_shard(stream: ShardedStream, shard_id: str) -> HashRangeShard:
    """A shard by its id; raises ResourceNotFoundException."""
    shard = stream.find_shard(shard_id)
    if shard is None:
        raise ServiceError(
            "ResourceNotFoundException",
            f"Shard {shard_id} in stream {stream.stream_name} under account {stream.account_id} does not exist",
        )
    return shard


def place_in(shard: HashRangeShard, call: _Call) -> int:
    """The sequence number behind which the iterator reads; a number already expired reads on from the oldest."""
    match call["ShardIteratorType"]:
        case "TRIM_HORIZON":
            return shard.log.horizon
        case "LATEST":
            return shard.log.last
        case "AT_TIMESTAMP":
            if "Timestamp" not in call:
                raise _invalid("Must specify timestampInMillis for iterator type AT_TIMESTAMP")
            return shard.log.before(float(call["Timestamp"]))
        case "AT_SEQUENCE_NUMBER" | "AFTER_SEQUENCE_NUMBER" as kind:
            number = call.get("StartingSequenceNumber")
            if not isinstance(number, str) or not _SEQUENCE_NUMBER.fullmatch(number):
                raise _invalid(f"StartingSequenceNumber {number} used in GetShardIterator is invalid")
            return int(number) - int(kind == "AT_SEQUENCE_NUMBER")
        case other:
            raise _invalid(f"Invalid ShardIteratorType: {other}")


def _filtered(stream: ShardedStream, shard_filter: dict[str, Any] | None) -> list[HashRangeShard]:
    """https://docs.aws.amazon.com/kinesis/latest/APIReference/API_ShardFilter.html"""
    shards = stream.all_shards()
    match (shard_filter or {}).get("Type"):
        case "AT_LATEST":
            return [shard for shard in shards if shard.is_open]
        case "AFTER_SHARD_ID" if shard_filter is not None:
            return [shard for shard in shards if shard.shard_id > shard_filter["ShardId"]]
        case _:
            return shards


def child_document(shard: HashRangeShard) -> dict[str, Any]:
    """The member `ChildShard` of the API."""
    return {
        "ShardId": shard.shard_id,
        "ParentShards": list(shard.parents),
        "HashKeyRange": shard.to_json()["HashKeyRange"],
    }


def _check_sizes(stream: ShardedStream, records: list[dict[str, Any]]) -> None:
    sizes = [record_bytes(record["PartitionKey"], _decoded_bytes(record["Data"])) for record in records]
    if max(sizes) > stream.max_record_kib * 1024:
        raise _invalid(f"A record exceeds {stream.max_record_kib} KiB, which stream {stream.stream_name} takes at most")
    if sum(sizes) > MOST_PUT_BYTES:
        raise _invalid("Records exceeds 10 MiB in all")


def _decoded_bytes(base64_text: str) -> int:
    return len(base64_text) * 3 // 4 - base64_text.count("=", -2)


def record_bytes(partition_key: str, data_bytes: int) -> int:
    """Return the size of a record as Kinesis counts it: its data, and its partition key."""
    return data_bytes + len(partition_key.encode())


def _decode(text: str) -> ShardIterator:
    try:
        return ShardIterator.decode(text)
    except ValueError:
        raise _invalid("Invalid ShardIterator.") from None


def _place_in_list(token: str) -> tuple[str, str]:
    """Read the NextToken of ListShards: the stream's ARN, and the shard after which the list goes on."""
    try:
        arn, start = json.loads(base64.b64decode(token))
    except (ValueError, TypeError):
        raise _invalid("Invalid NextToken.") from None
    if not isinstance(arn, str) or not isinstance(start, str):
        raise _invalid("Invalid NextToken.")
    return arn, start


def _invalid(message: str) -> ServiceError:
    return ServiceError("InvalidArgumentException", message)
