"""Changes that Kinesis Data Streams for DynamoDB captured, as Lambda delivers them."""

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from pybase64 import b64decode

from changestream.core.change import Change, ChangeKind, Image, item_key
from changestream.core.errors import PoisonRecord, UnsuitableStream
from changestream.core.position import BACKFILL_TIME, position_of
from changestream.core.quoting import quoted
from changestream.wire.batch import (
    LATEST_SECONDS,
    DecodedBatch,
    Record,
    decoded,
    event_id_of,
    kind_of,
    member,
    named,
    numbered,
)
from changestream.wire.item import checked_item, checked_keys
from changestream.wire.item_size import ITEM_BYTES, require_size
from changestream.wire.table_stream import is_time_to_live

MICROSECONDS_SINCE = 10**15
"""Below it a time is in milliseconds (13 digits today), above it in microseconds (16 digits)."""

CAPTURED_FROM = "aws:dynamodb"
"""The ``eventSource`` of a captured change."""

LONGEST_INTEGER = 640
"""Digits. Python converts this many under every setting of ``PYTHONINTMAXSTRDIGITS``."""


def _integer(digits: str) -> float:
    """Return an integer of a document, or infinity for one that is too long to convert."""
    return int(digits) if len(digits) <= LONGEST_INTEGER else float(digits)


_document = json.JSONDecoder(parse_int=_integer).decode  # `loads` would look for the encoding first, which is UTF-8


def decode(records: Sequence[Record], is_ours: Callable[[Image], bool], table: str) -> DecodedBatch:
    """Decode a batch of the changes of one table.

    The stream may be shared. A record that says it is of another table, or of another producer, is passed over before
    anything else of it is looked at, and so is an item whose keys ``is_ours`` does not select.
    """

    def selected(record: Record) -> Change | None:
        captured = _captured(record)
        if _is_foreign(captured, table):
            return None
        body, keys = _body_and_keys(captured)
        return _change(record, captured, body, keys) if is_ours(keys) else None

    return decoded(records, selected, sequence_number)


def sequence_number(record: Mapping[str, Any]) -> str:
    """Return what identifies the record in a partial batch response.

    Raises ``UnsuitableStream`` for a record that has none, which means that it is of another kind of stream.
    """
    try:
        return numbered(record["kinesis"]["sequenceNumber"])
    except (KeyError, TypeError, ValueError):
        raise UnsuitableStream(f"{named(record)}, and this function reads Kinesis: it has no sequence number") from None


def change(record: Mapping[str, Any]) -> Change:
    """Decode a record of any table; its position is the change's time in microseconds.

    The Kinesis sequence number orders records as they were put, and capture may repeat and reorder them; the time
    orders the changes (DynamoDB Developer Guide, "Kinesis Data Streams"). A time in milliseconds is refused: two
    changes of one item could share it, and one of them would be taken for a repeat of the other. The time 0 is that of
    a backfill, and its position before every other.

    Raises ``PoisonRecord`` if the record cannot be understood, or carries images that DynamoDB does not take as items.
    """
    captured = _captured(record)
    return _change(record, captured, *_body_and_keys(captured))


def _captured(record: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the JSON object in a record's data. Raises ``PoisonRecord`` for data that is anything else."""
    data = member(record, "kinesis", "a record of Kinesis").get("data")
    try:
        if not isinstance(data, str):
            raise ValueError(f"its data is {quoted(data)}")
        captured = _document(b64decode(data, validate=True).decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:  # no base64, no UTF-8, no JSON, or nested too deep to be read
        raise PoisonRecord(f"not a change captured from DynamoDB: {error}") from None
    if not isinstance(captured, dict):
        raise PoisonRecord(f"not a change captured from DynamoDB: its data is {quoted(captured)}")
    return captured


def _is_foreign(captured: Mapping[str, Any], table: str) -> bool:
    """Tell a record that says it is none of the table's: it names another table, or is no captured change at all.

    A ``tableName`` that is not text names no table, so the other members decide.
    Damaged data is never foreign: what cannot be read as a JSON object does not say whose it is, so it is poison.
    """
    named_table = captured.get("tableName")
    if isinstance(named_table, str):
        return named_table != table
    return "dynamodb" not in captured and captured.get("eventSource") != CAPTURED_FROM


def _body_and_keys(captured: Mapping[str, Any]) -> tuple[Mapping[str, Any], Image]:
    body = member(captured, "dynamodb", "a captured change")
    return body, checked_keys(body.get("Keys"))


def _change(record: Mapping[str, Any], captured: Mapping[str, Any], body: Mapping[str, Any], keys: Image) -> Change:
    moment, kind = _moment(body), kind_of(captured.get("eventName"))
    old_image = checked_item(body["OldImage"], "OldImage") if "OldImage" in body else None
    new_image = checked_item(body["NewImage"], "NewImage") if "NewImage" in body else None
    if kind is ChangeKind.MODIFY and old_image is None:
        raise PoisonRecord("a captured MODIFY without OldImage")
    if len(record["kinesis"]["data"]) > ITEM_BYTES:
        for name, image in (("OldImage", old_image), ("NewImage", new_image)):
            require_size(image or {}, name)
    if not isinstance(captured.get("tableName"), str):
        raise PoisonRecord(f"a captured change with tableName {quoted(captured.get('tableName'))}, not text")
    return Change(
        kind=kind,
        keys=keys,
        item=item_key(keys),
        old_image=old_image,
        new_image=new_image,
        position=position_of(moment),
        sequence_number=sequence_number(record),
        event_id=event_id_of(captured),
        time=moment / 1e6,
        by_time_to_live=is_time_to_live(captured.get("userIdentity")),
        table=captured["tableName"],
    )


def _moment(body: Mapping[str, Any]) -> int:
    """Return the time of a captured change in microseconds."""
    time = body.get("ApproximateCreationDateTime")
    if time is None:
        raise PoisonRecord("a captured change without ApproximateCreationDateTime, which is its position")
    if isinstance(time, float) and time.is_integer():
        time = int(time)
    if not isinstance(time, int) or isinstance(time, bool) or not 0 <= time < LATEST_SECONDS * 10**6:
        raise PoisonRecord(f"a captured change with ApproximateCreationDateTime {quoted(time)}, not a time")
    if time < MICROSECONDS_SINCE and time != BACKFILL_TIME:
        raise PoisonRecord(
            f"captured change with time {time}, not in microseconds: "
            "set the table's ApproximateCreationDateTimePrecision to MICROSECOND"
        )
    return time
