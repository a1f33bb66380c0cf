"""Event records made anew: what the consumer of a stream would have received of a change or of an item.

Shapes: DynamoDB Developer Guide, "Kinesis Data Streams" and "DynamoDB Streams"; Lambda Developer Guide, "Using AWS
Lambda with Amazon Kinesis". What no table keeps of a record, its place in a shard, is made up: consistently, and so
that it orders the records of a batch.
"""

import json
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import md5, sha256
from typing import Any
from uuid import UUID

from changestream.core.change import Change
from changestream.core.failed_batch import EventRecord
from changestream.core.position import BACKFILL_TIME
from changestream.wire.table_stream import TIME_TO_LIVE_IDENTITY

KINESIS_SHARD = "shardId-000000000000"

Image = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class CaptureRecords:
    """Records of the Kinesis stream that captures a table; ``role_arn`` is the role of the function they go to."""

    table: str
    stream_arn: str
    role_arn: str

    def of_change(self, number: int, change: Change) -> EventRecord:
        """Return the record of a change, as the capture put it; ``number`` becomes its sequence number."""
        return self._record(number, change, int(change.position), change.occurred_at)

    def of_item(self, number: int, keys: Image, item: Image, now: float) -> EventRecord:
        """Return the insertion of an item at the time 0, which is the position before every other."""
        inserted = _Insertion("INSERT", keys, None, item, str(UUID(hex=_digest(self.table, item))))
        return self._record(number, inserted, BACKFILL_TIME, now)

    def _record(self, number: int, change: "Change | _Insertion", moment: int, arrived_at: float) -> EventRecord:
        images = {"NewImage": change.new_image, "OldImage": change.old_image}
        present = {name: image for name, image in images.items() if image is not None}
        by_time_to_live = isinstance(change, Change) and change.by_time_to_live
        document = {
            "awsRegion": self.stream_arn.split(":")[3],
            "eventID": change.event_id,
            "eventName": str(change.kind),
            "userIdentity": dict(TIME_TO_LIVE_IDENTITY) if by_time_to_live else None,
            "recordFormat": "application/json",
            "tableName": self.table,
            "dynamodb": {
                "ApproximateCreationDateTime": moment,
                "Keys": change.keys,
                **present,
                "SizeBytes": _size(change.keys, *present.values()),
                "ApproximateCreationDateTimePrecision": "MICROSECOND",
            },
            "eventSource": "aws:dynamodb",
        }
        text = json.dumps(document, separators=(",", ":")).encode()
        sequence_number = str(number)
        return {
            "kinesis": {
                "kinesisSchemaVersion": "1.0",
                "partitionKey": md5(json.dumps(change.keys).encode(), usedforsecurity=False).hexdigest().upper(),
                "sequenceNumber": sequence_number,
                "data": b64encode(text).decode(),
                "approximateArrivalTimestamp": round(arrived_at, 3),
            },
            "eventSource": "aws:kinesis",
            "eventVersion": "1.0",
            "eventID": f"{KINESIS_SHARD}:{sequence_number}",
            "eventName": "aws:kinesis:record",
            "invokeIdentityArn": self.role_arn,
            "awsRegion": self.stream_arn.split(":")[3],
            "eventSourceARN": self.stream_arn,
        }


@dataclass(frozen=True, slots=True)
class TableStreamRecords:
    """Records of a table's own stream, with the images that it carries."""

    table: str
    stream_arn: str
    view_type: str

    def of_item(self, number: int, keys: Image, item: Image, now: float) -> EventRecord:  # noqa: ARG002 - it has no time
        """Return the insertion of an item at the time 0; its number only tells it from the others of its batch."""
        return {
            "eventID": _digest(self.table, item),
            "eventName": "INSERT",
            "eventVersion": "1.1",
            "eventSource": "aws:dynamodb",
            "awsRegion": self.stream_arn.split(":")[3],
            "dynamodb": {
                "ApproximateCreationDateTime": float(BACKFILL_TIME),
                "Keys": keys,
                "NewImage": item,
                "SequenceNumber": str(number),
                "SizeBytes": _size(keys, item),
                "StreamViewType": self.view_type,
            },
            "eventSourceARN": self.stream_arn,
        }


@dataclass(frozen=True, slots=True)
class _Insertion:
    """As much of a change as an item that stands in the table says."""

    kind: str
    keys: Image
    old_image: Image | None
    new_image: Image
    event_id: str


def _size(*images: Image) -> int:
    from event_source_mapping.memory.attribute_sizes import size_of  # late: it would slow the start of every command

    return sum(size_of(dict(image)) for image in images)


def _digest(table: str, item: Image) -> str:
    """Return 32 hexadecimal digits for an item as it stands: the same for the same item, whoever brings it when."""
    return sha256(json.dumps([table, item], sort_keys=True).encode()).hexdigest()[:32]
