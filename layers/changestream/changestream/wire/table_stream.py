"""Records of DynamoDB Streams, as Lambda delivers them."""

from collections.abc import Callable, Iterable, Mapping, Sequence, Set
from typing import Any

from changestream.core.change import Change, ChangeKind, item_key
from changestream.core.errors import PoisonRecord, UnsuitableStream
from changestream.core.position import BACKFILL_TIME, ORIGIN, position_of
from changestream.core.view_type import ViewType, require
from changestream.wire.batch import DAMAGES, DecodedBatch, Record, decoded, named, numbered

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


def decode(records: Sequence[Record], concerns: Callable[[Change], bool]) -> DecodedBatch:
    """Decode a batch; ``concerns`` tells which changes are the consumer's business."""
    return decoded(records, change, sequence_number, concerns)


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
    every other: its number only tells it from those beside it. Raises ``PoisonRecord`` where it cannot be understood.
    """
    try:
        body = record["dynamodb"]
        number, moment = numbered(body["SequenceNumber"]), float(body["ApproximateCreationDateTime"])
        return Change(
            kind=ChangeKind(record["eventName"]),
            keys=body["Keys"],
            item=item_key(body["Keys"]),
            old_image=body.get("OldImage"),
            new_image=body.get("NewImage"),
            position=position_of(int(number)) if moment != BACKFILL_TIME else ORIGIN,
            sequence_number=number,
            event_id=record["eventID"],
            occurred_at=moment,
            by_time_to_live=is_time_to_live(record.get("userIdentity")),
            table=table_name(record.get("eventSourceARN", "")),
        )
    except DAMAGES as error:
        raise PoisonRecord(f"not a DynamoDB Streams record: {error!r}") from error


def is_time_to_live(identity: object) -> bool:
    """Tell whether a record's ``userIdentity`` is DynamoDB's TTL; a caller's deletion carries none."""
    return isinstance(identity, dict) and all(
        identity.get(name) == value for name, value in TIME_TO_LIVE_IDENTITY.items()
    )


def table_name(stream_arn: str) -> str | None:
    """Return the table in ``arn:aws:dynamodb:region:account:table/NAME/stream/LABEL``."""
    resource = stream_arn.split(":", 5)[-1].split("/")
    return resource[1] if len(resource) > 1 else None
