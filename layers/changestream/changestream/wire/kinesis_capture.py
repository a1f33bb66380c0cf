"""Changes that Kinesis Data Streams for DynamoDB captured, as Lambda delivers them."""

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from pybase64 import b64decode

from changestream.core.change import Change, ChangeKind, item_key
from changestream.core.errors import PoisonRecord, UnsuitableStream
from changestream.core.position import BACKFILL_TIME, position_of
from changestream.wire.batch import DAMAGES, DecodedBatch, Record, decoded, named, numbered
from changestream.wire.table_stream import is_time_to_live

MICROSECONDS_SINCE = 10**15
"""Below it a time is in milliseconds (13 digits today), above it in microseconds (16 digits)."""

_document = json.JSONDecoder().decode  # `loads` would look for the encoding first, which is UTF-8


def decode(records: Sequence[Record], concerns: Callable[[Change], bool]) -> DecodedBatch:
    """Decode a batch; ``concerns`` tells which changes are the consumer's business."""
    return decoded(records, change, sequence_number, concerns)


def sequence_number(record: Mapping[str, Any]) -> str:
    """Return what identifies the record in a partial batch response.

    Raises ``UnsuitableStream`` for a record that has none, which means that it is of another kind of stream.
    """
    try:
        return numbered(record["kinesis"]["sequenceNumber"])
    except (KeyError, TypeError, ValueError):
        raise UnsuitableStream(f"{named(record)}, and this function reads Kinesis: it has no sequence number") from None


def change(record: Mapping[str, Any]) -> Change:
    """Decode a record; its position is the change's time in microseconds.

    The Kinesis sequence number orders records as they were put, and capture may repeat and reorder them; the time
    orders the changes (DynamoDB Developer Guide, "Kinesis Data Streams"). A time in milliseconds is refused: two
    changes of one item could share it, and one of them would be taken for a repeat of the other. The time 0 is that of
    a backfill, and its position before every other.

    Raises ``PoisonRecord`` where the record cannot be understood.
    """
    try:
        captured = _document(b64decode(record["kinesis"]["data"], validate=True).decode())
        body = captured["dynamodb"]
        moment = int(body["ApproximateCreationDateTime"])
        if moment < MICROSECONDS_SINCE and moment != BACKFILL_TIME:
            raise PoisonRecord(
                f"captured change with time {moment}, not in microseconds: "
                "set the table's ApproximateCreationDateTimePrecision to MICROSECOND"
            )
        return Change(
            kind=ChangeKind(captured["eventName"]),
            keys=body["Keys"],
            item=item_key(body["Keys"]),
            old_image=body.get("OldImage"),
            new_image=body.get("NewImage"),
            position=position_of(moment),
            sequence_number=sequence_number(record),
            event_id=captured["eventID"],
            occurred_at=moment / 1e6,
            by_time_to_live=is_time_to_live(captured.get("userIdentity")),
            table=captured["tableName"],
        )
    except (*DAMAGES, RecursionError) as error:
        raise PoisonRecord(f"not a change captured from DynamoDB: {error!r}") from error
