"""What both kinds of stream have in common: iterators that name their stream, and pages."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from event_source_mapping.errors import IteratorExpired, RecordsTrimmed, ShardNotFound
from event_source_mapping.memory import ShardStore, StoredPage, StoredShard
from event_source_mapping.positions import Position, PositionType
from simulation.memory_aws.errors import Refusal

MOST_SHARDS = 100


def iterator_of(
    store: ShardStore, arn: str, parameters: Mapping[str, Any], number_parameter: str, invalid: str
) -> dict[str, Any]:
    """Answer GetShardIterator; ``invalid`` is the code for a position that is none. Raises ``Refusal``."""
    position = _position(parameters, number_parameter, invalid)
    store.expire()
    try:
        inner = store.iterator(parameters["ShardId"], position)
    except RecordsTrimmed as error:
        raise Refusal("TrimmedDataAccessException", str(error)) from None
    except ShardNotFound as error:
        raise Refusal("ResourceNotFoundException", f"{error} in stream {arn}") from None
    return {"ShardIterator": f"{arn}|{inner}"}


def _position(parameters: Mapping[str, Any], number_parameter: str, invalid: str) -> Position:
    kind = parameters["ShardIteratorType"]
    if kind in ("AT_SEQUENCE_NUMBER", "AFTER_SEQUENCE_NUMBER"):
        number = parameters.get(number_parameter)
        if not isinstance(number, str) or not (number.isascii() and number.isdigit()):
            raise Refusal(invalid, f"{number_parameter} {number} used in GetShardIterator is invalid")
        return Position(PositionType(kind), number)
    if kind == "AT_TIMESTAMP":
        moment = parameters.get("Timestamp")
        if moment is None:
            raise Refusal(invalid, "AT_TIMESTAMP needs a timestamp")
        return Position(PositionType.AT_TIMESTAMP, timestamp=_seconds(moment))
    if kind not in ("TRIM_HORIZON", "LATEST"):
        raise Refusal(invalid, f"Invalid ShardIteratorType: {kind}")
    return Position(PositionType(kind))


def _seconds(moment: datetime | float) -> float:
    return moment.timestamp() if isinstance(moment, datetime) else float(moment)


def split_iterator(iterator: str, invalid: str) -> tuple[str, str]:
    """Return a stream's ARN and the iterator in it. Raises ``Refusal`` for what was never an iterator."""
    arn, _, inner = iterator.partition("|")
    if inner.count("|") != 2:
        raise Refusal(invalid, "Invalid ShardIterator.")
    return arn, inner


def page_of(store: ShardStore, arn: str, inner: str, limit: int, *, empty: bool) -> tuple[StoredPage, str | None]:
    """Return a page and where to read on (``None``: the shard has ended). Raises ``Refusal``."""
    store.expire()
    try:
        page = store.read(inner, limit)
    except IteratorExpired as error:
        raise Refusal("ExpiredIteratorException", f"Iterator expired: {error}") from None
    except RecordsTrimmed as error:
        raise Refusal("TrimmedDataAccessException", str(error)) from None
    except ShardNotFound as error:
        raise Refusal("ResourceNotFoundException", f"{error} in stream {arn}") from None
    following = page.next_iterator
    if empty and page.bodies:
        page, following = StoredPage([], None, 1, True), store.renewed(inner)
    return page, following and f"{arn}|{following}"


def shard_page(shards: list[StoredShard], after: str | None, most: int) -> tuple[list[StoredShard], bool]:
    """Return the shards behind one, at most so many, and whether there are more."""
    ids = [shard.shard_id for shard in shards]
    rest = shards[ids.index(after) + 1 :] if after in ids else shards
    return rest[:most], len(rest) > most


def numbers_of(shard: StoredShard) -> dict[str, str]:
    """Return the range of a shard's sequence numbers, which ends once the shard is closed."""
    ending = {} if shard.ending is None else {"EndingSequenceNumber": str(shard.ending)}
    return {"StartingSequenceNumber": str(shard.starting)} | ending
