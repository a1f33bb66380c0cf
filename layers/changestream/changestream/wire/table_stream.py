"""Records of DynamoDB Streams, as Lambda delivers them."""

from collections.abc import Callable, Iterable, Mapping, Sequence, Set
from typing import Any

from changestream.core.change import Change, Image, item_key
from changestream.core.errors import PoisonRecord, UnsuitableStream
from changestream.core.position import BACKFILL_TIME, ORIGIN, WIDTH, position_of
from changestream.core.quoting import quoted
from changestream.core.view_type import ViewType, require
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

TIME_TO_LIVE_IDENTITY = {"type": "Service", "principalId": "dynamodb.amazonaws.com"}
"""Who deletes expired items (DynamoDB Developer Guide, "DynamoDB Streams and Time to Live")."""


def require_view_type(records: Iterable[object], suitable: Set[ViewType]) -> None:
    """Raise ``UnsuitableStream`` at the first record of a stream with another view type.

    It is for the beginning of an invocation, before anything is written: a missing image is the fault of a stream and
    not of a record, so it is told once, and none of the records counts as poison. Lambda delivers all of them again.
    """
    for record in records:
        body = record.get("dynamodb") if isinstance(record, Mapping) else None
        found = body.get("StreamViewType") if isinstance(body, Mapping) else None
        if found is not None:
            require(str(found), suitable)


def decode(
    records: Sequence[Record],
    is_ours: Callable[[Image], bool],
    concerns: Callable[[Record], bool] = lambda _: True,
) -> DecodedBatch:
    """Decode a batch.

    ``concerns`` selects records, and ``is_ours`` items by their keys: nothing else of another record is looked at.
    """

    def selected(record: Record) -> Change | None:
        body, keys = _body_and_keys(record)
        return _change(record, body, keys) if is_ours(keys) and concerns(record) else None

    return decoded(records, selected, sequence_number)


def sequence_number(record: Mapping[str, Any]) -> str:
    """Return what identifies the record in a partial batch response.

    Raises ``UnsuitableStream`` for a record that has none, which means that it is of another kind of stream.
    """
    try:
        return numbered(record["dynamodb"]["SequenceNumber"])
    except (KeyError, TypeError, ValueError):
        raise UnsuitableStream(
            f"{named(record)}, and this function reads a table's: it has no sequence number"
        ) from None


def change(record: Mapping[str, Any]) -> Change:
    """Decode a record; its position is its sequence number, and that of a backfill's record, whose time is 0, is before
    every other: its number only tells it from those beside it.

    Raises ``PoisonRecord`` if the record cannot be understood, or carries images that DynamoDB does not take as items.
    """
    return _change(record, *_body_and_keys(record))


def _body_and_keys(record: Mapping[str, Any]) -> tuple[Mapping[str, Any], Image]:
    body = member(record, "dynamodb", "a record of DynamoDB Streams")
    return body, checked_keys(body.get("Keys"))


def _change(record: Mapping[str, Any], body: Mapping[str, Any], keys: Image) -> Change:
    number, moment = sequence_number(record), _moment(body.get("ApproximateCreationDateTime"))
    if len(number) > WIDTH:
        raise PoisonRecord(f"a sequence number of {len(number)} digits; a table's stream has up to {WIDTH}")
    arn = record.get("eventSourceARN")
    return Change(
        kind=kind_of(record.get("eventName")),
        keys=keys,
        item=item_key(keys),
        old_image=checked_item(body["OldImage"], "OldImage") if "OldImage" in body else None,
        new_image=checked_item(body["NewImage"], "NewImage") if "NewImage" in body else None,
        position=position_of(int(number)) if moment != BACKFILL_TIME else ORIGIN,
        sequence_number=number,
        event_id=event_id_of(record),
        time=moment,
        by_time_to_live=is_time_to_live(record.get("userIdentity")),
        table=table_name(arn) if isinstance(arn, str) else None,
    )


def _moment(time: object) -> float | None:
    """Return the time of a change in epoch seconds, ``None`` if the record carries none: it is optional."""
    if time is None:
        return None
    if not isinstance(time, int | float) or isinstance(time, bool) or not 0 <= time < LATEST_SECONDS:
        raise PoisonRecord(f"a change with ApproximateCreationDateTime {quoted(time)}, not a time in epoch seconds")
    return float(time)


def is_time_to_live(identity: object) -> bool:
    """Tell whether a record's ``userIdentity`` is DynamoDB's TTL; a caller's deletion carries none."""
    return isinstance(identity, dict) and all(
        identity.get(name) == value for name, value in TIME_TO_LIVE_IDENTITY.items()
    )


def table_name(stream_arn: str) -> str | None:
    """Return the table in ``arn:aws:dynamodb:region:account:table/NAME/stream/LABEL``."""
    resource = stream_arn.split(":", 5)[-1].split("/")
    return resource[1] if len(resource) > 1 else None
