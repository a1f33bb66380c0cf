"""The API of DynamoDB Streams, with its limits and its errors.

https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_Operations_Amazon_DynamoDB_Streams.html
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from .iterators import ShardIterator
from .table_stream import StreamShard, TableStream
from .tables import StreamedTables
from .wire import Request, ServiceError

ITERATOR_SECONDS = 900
MOST_RECORDS, MOST_BYTES = 1000, 1_048_576
MOST_SHARDS = 100

_SEQUENCE_NUMBER = re.compile(r"[0-9]{1,40}")

type _Call = dict[str, Any]


class TableStreamsApi:
    """Answer one operation; the caller holds the DynamoDB lock."""

    def __init__(self, tables: Callable[[str], StreamedTables]) -> None:
        self._tables = tables
        self._operations = {
            "ListStreams": _list_streams,
            "DescribeStream": _describe_stream,
            "GetShardIterator": _get_shard_iterator,
            "GetRecords": _get_records,
        }

    def answer(self, request: Request) -> dict[str, Any]:
        operation = self._operations.get(request.target[1])
        if operation is None:
            raise ServiceError("UnknownOperationException", f"DynamoDB Streams has no {request.target[1]}")
        return operation(self._tables(request.region), request.json)


def _list_streams(tables: StreamedTables, call: _Call) -> dict[str, Any]:
    wanted = call.get("TableName")
    arns = sorted(arn for arn, stream in tables.streams.items() if wanted in (None, stream.table_name))
    start = call.get("ExclusiveStartStreamArn", "")
    most = min(int(call.get("Limit") or 100), 100)
    page = [arn for arn in arns if arn > start]
    streams = [tables.streams[arn] for arn in page[:most]]
    answer: dict[str, Any] = {
        "Streams": [
            {"StreamArn": stream.arn, "TableName": stream.table_name, "StreamLabel": stream.label} for stream in streams
        ]
    }
    if len(page) > most:
        answer["LastEvaluatedStreamArn"] = page[most - 1]
    return answer


def _describe_stream(tables: StreamedTables, call: _Call) -> dict[str, Any]:
    stream = _stream(tables, call["StreamArn"])
    stream.trim()
    shards = _after(stream.shards, call.get("ExclusiveStartShardId"))
    shard_filter = call.get("ShardFilter")
    if shard_filter is not None:
        shards = [shard for shard in shards if shard.parent == shard_filter.get("ShardId")]
    most = min(int(call.get("Limit") or MOST_SHARDS), MOST_SHARDS)
    description: dict[str, Any] = {
        "StreamArn": stream.arn,
        "StreamLabel": stream.label,
        "StreamStatus": "ENABLED" if stream.enabled else "DISABLED",
        "StreamViewType": stream.view_type,
        "CreationRequestDateTime": stream.created_at,
        "TableName": stream.table_name,
        "KeySchema": stream.key_schema,
        "Shards": [_shard_document(shard) for shard in shards[:most]],
    }
    if len(shards) > most:
        description["LastEvaluatedShardId"] = shards[most - 1].shard_id
    return {"StreamDescription": description}


def _get_shard_iterator(tables: StreamedTables, call: _Call) -> dict[str, Any]:
    stream = _stream(tables, call["StreamArn"])
    shard = _shard(stream, call["ShardId"])
    after = _place(shard, call, tables.clock())
    _refuse_trimmed(shard, after)
    iterator = ShardIterator(stream.arn, shard.shard_id, after, tables.clock())
    return {"ShardIterator": f"{stream.arn}|1|{iterator.encode()}"}


def _get_records(tables: StreamedTables, call: _Call) -> dict[str, Any]:
    limit = int(call["Limit"]) if call.get("Limit") is not None else MOST_RECORDS
    if limit < 1:
        raise _invalid(f"Value '{limit}' at 'limit' failed to satisfy constraint: Member must be at least 1")
    if limit > MOST_RECORDS:
        raise ServiceError("LimitExceededException", f"Limit {limit} exceeds the most of {MOST_RECORDS} records")
    iterator, now = _decode(call["ShardIterator"]), tables.clock()
    if now - iterator.issued_at > ITERATOR_SECONDS:
        raise ServiceError("ExpiredIteratorException", "The shard iterator has expired: it lives 15 minutes")
    shard = _shard(_stream(tables, iterator.stream), iterator.shard_id)
    _refuse_trimmed(shard, iterator.after)
    page = shard.log.read(iterator.after, limit, MOST_BYTES)
    after = page[-1].sequence_number if page else iterator.after
    answer: dict[str, Any] = {"Records": [entry.record for entry in page]}
    if shard.log.is_open or shard.log.next_after(after) is not None:
        following = ShardIterator(iterator.stream, shard.shard_id, after, now)
        answer["NextShardIterator"] = f"{iterator.stream}|1|{following.encode()}"
    return answer


def _place(shard: StreamShard, call: _Call, now: float) -> int:
    """The sequence number behind which the iterator reads."""
    match call["ShardIteratorType"]:
        case "TRIM_HORIZON":
            return shard.log.horizon
        case "LATEST":
            return shard.log.last
        case "AT_TIMESTAMP":
            if float(call["Timestamp"]) > now:
                raise _invalid("Timestamp must not be in the future")
            return shard.log.before(float(call["Timestamp"]))
        case "AT_SEQUENCE_NUMBER" | "AFTER_SEQUENCE_NUMBER" as kind:
            number = call.get("SequenceNumber")
            if not isinstance(number, str) or not _SEQUENCE_NUMBER.fullmatch(number):
                raise _invalid(f"Invalid SequenceNumber: {number}")
            return int(number) - int(kind == "AT_SEQUENCE_NUMBER")
        case other:
            raise _invalid(f"Invalid ShardIteratorType: {other}")


def _refuse_trimmed(shard: StreamShard, after: int) -> None:
    if after < shard.log.horizon:
        raise ServiceError(
            "TrimmedDataAccessException", "The operation attempted to read past the oldest stream record in a shard"
        )


def _stream(tables: StreamedTables, arn: str) -> TableStream:
    stream = tables.streams.get(arn)
    if stream is None:
        raise ServiceError("ResourceNotFoundException", f"Requested resource not found: Stream: {arn} not found")
    return stream


def _shard(stream: TableStream, shard_id: str) -> StreamShard:
    shard = stream.shard(shard_id)
    if shard is None:
        raise ServiceError(
            "ResourceNotFoundException",
            f"Requested resource not found: Shard does not exist: {shard_id} in stream {stream.arn}",
        )
    return shard


def _after(shards: list[StreamShard], shard_id: str | None) -> list[StreamShard]:
    ids = [shard.shard_id for shard in shards]
    return shards[ids.index(shard_id) + 1 :] if shard_id in ids else list(shards)


def _shard_document(shard: StreamShard) -> dict[str, Any]:
    numbers = {"StartingSequenceNumber": str(shard.log.starting_sequence_number)}
    if shard.log.closing_sequence_number is not None:
        numbers["EndingSequenceNumber"] = str(shard.log.closing_sequence_number)
    document: dict[str, Any] = {"ShardId": shard.shard_id, "SequenceNumberRange": numbers}
    if shard.parent is not None:
        document["ParentShardId"] = shard.parent
    return document


def _decode(text: str) -> ShardIterator:
    try:
        return ShardIterator.decode(text.rpartition("|")[2])
    except ValueError:
        raise _invalid("Invalid ShardIterator") from None


def _invalid(message: str) -> ServiceError:
    return ServiceError("ValidationException", message)
