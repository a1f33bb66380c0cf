"""The streams that a stack is about: its own, or those that the consumers of recovery read."""

from collections import Counter
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from changestream.core.failed_batch import StreamKind
from streamctl.reading.shards import ListedShard, kinesis_shards, table_shards
from streamctl.scope import foreign_mappings, source_of
from streamctl.stack import Stack
from streamctl.together import together

TABLE_STREAM_HOURS = 24
"""Records of DynamoDB Streams, always (DynamoDB Developer Guide, "Change data capture for DynamoDB Streams")."""


class StreamName(StrEnum):
    """How the command line names the application's streams: by what they carry."""

    TABLE = "table"
    CHANGES = "changes"
    LEDGER = "ledger"


@dataclass(frozen=True, slots=True)
class Stream:
    """One of the streams.

    ``resource`` is its logical id in the template. A stream of another stack is named after its table or itself:
    ``name`` is ``table/orders`` or ``stream/payments``, and ``resource`` is ``orders`` or ``payments``.
    """

    name: str
    kind: StreamKind
    arn: str
    resource: str


SOURCES = {
    StreamName.TABLE: (StreamKind.DYNAMODB, "TasksTableStreamArn", "TasksTable"),
    StreamName.CHANGES: (StreamKind.KINESIS, "ChangeStreamArn", "ChangeStream"),
    StreamName.LEDGER: (StreamKind.KINESIS, "LedgerStreamArn", "LedgerStream"),
}


def stream_of(stack: Stack, name: StreamName) -> Stream:
    """Return a stream of the stack. Raises ``Trouble`` where its output is missing."""
    kind, output, resource = SOURCES[name]
    return Stream(name, kind, stack.output(output), resource)


def streams_of(stack: Stack) -> list[Stream]:
    """Return the streams of a stack; of recovery alone, those that the functions it may invoke are mapped to."""
    if not stack.is_recovery_alone:
        return [stream_of(stack, name) for name in StreamName]
    found = list(map(foreign_stream, sorted({source_of(each) for each in foreign_mappings(stack)})))
    times = Counter(each.name for each in found)
    return [replace(each, name=each.arn) if times[each.name] > 1 else each for each in found]


def foreign_stream(arn: str) -> Stream:
    """Return a stream of any stack by its ARN."""
    service, resource = arn.split(":", 5)[2], arn.split(":", 5)[5].split("/")
    kind = StreamKind.DYNAMODB if service == "dynamodb" else StreamKind.KINESIS
    return Stream("/".join(resource[:2]), kind, arn, resource[1])


def shards_of(stack: Stack, stream: Stream) -> list[ListedShard]:
    """Return all its shards, open and closed, over all pages."""
    if stream.kind is StreamKind.DYNAMODB:
        return table_shards(stack.client("dynamodbstreams"), stream.arn)
    return kinesis_shards(stack.client("kinesis"), stream.arn)


def streams(stack: Stack) -> list[dict[str, Any]]:
    """Return the state of every stream, with how many of its shards are open and closed."""
    return together(lambda stream: _state(stack, stream), streams_of(stack))


def retention_hours(stack: Stack, stream: Stream) -> float:
    """Return how long a stream keeps a record."""
    if stream.kind is StreamKind.DYNAMODB:
        return TABLE_STREAM_HOURS
    summary = stack.client("kinesis").describe_stream_summary(StreamARN=stream.arn)
    return float(summary["StreamDescriptionSummary"]["RetentionPeriodHours"])


def _state(stack: Stack, stream: Stream) -> dict[str, Any]:
    if stream.kind is StreamKind.DYNAMODB:
        described = stack.client("dynamodbstreams").describe_stream(StreamArn=stream.arn, Limit=1)["StreamDescription"]
        status, hours, kind = described["StreamStatus"], TABLE_STREAM_HOURS, described["StreamViewType"]
    else:
        summary = stack.client("kinesis").describe_stream_summary(StreamARN=stream.arn)["StreamDescriptionSummary"]
        status, hours = summary["StreamStatus"], summary["RetentionPeriodHours"]
        kind = summary.get("StreamModeDetails", {}).get("StreamMode", "PROVISIONED")
    shards = shards_of(stack, stream)
    return {
        "stream": stream.name,
        "resource": stream.resource,
        "arn": stream.arn,
        "status": status,
        "mode": kind,
        "retentionHours": hours,
        "openShards": sum(shard.is_open for shard in shards),
        "closedShards": sum(not shard.is_open for shard in shards),
    }
