"""Records that the Kinesis Producer Library aggregated: several user records in one Kinesis record.

An aggregate is a magic number, a protocol buffer, and the MD5 of that buffer (amazon-kinesis-producer,
``aggregation-format.md``)::

    AggregatedRecord { 1: repeated string partition_key_table        Record { 1: uint64 partition_key_index
                       2: repeated string explicit_hash_key_table             2: optional uint64 explicit_hash_key_index
                       3: repeated Record records }                           3: bytes data    4: repeated Tag tags }

Whether its hash keys belong to the shard that it came from (after a split they may not) is for a reader that knows the
shard's range to ask: an event says nothing of it. Nothing here hangs on it: a consumer that meets a record twice, once
from either shard, takes the second for a repeat.
"""

from dataclasses import dataclass
from hashlib import md5

from changestream.core.errors import PoisonRecord

MAGIC = b"\xf3\x89\x9a\xc2"
DIGEST_BYTES = 16
MOST_RECORDS = 50_000
"""User records of an aggregate. A record of 1 MiB has that many of 20 bytes each; producers fill it with a few
hundred."""

PARTITION_KEY, EXPLICIT_HASH_KEY, RECORD = 0x0A, 0x12, 0x1A
KEY_INDEX, HASH_KEY_INDEX, DATA = 0x08, 0x10, 0x1A
"""Tags: the field's number and its wire type in one byte (Protocol Buffers, "Encoding")."""
LENGTH_PREFIXED = frozenset((PARTITION_KEY, EXPLICIT_HASH_KEY, RECORD))

NUMBER, BYTES = 0, 2
FIXED_WIDTHS = {1: 8, 5: 4}
"""Wire types. Groups are not among them: they went out of use before aggregates came in."""


@dataclass(frozen=True, slots=True)
class Unpacked:
    """The data of the user records, in the order in which they were put.

    ``doubt`` says why data that has the magic number was not taken for an aggregate, ``None`` where there is no doubt.
    """

    records: list[bytes]
    doubt: str | None = None


def unpack(data: bytes) -> Unpacked:
    """Return the user records in the data of a Kinesis record: those of an aggregate, or the data itself as the only.

    What has the magic number but is too short, fails its MD5 or cannot be parsed is a plain record, as it is to the
    Kinesis Client Library (``AggregatorUtil``): other data may begin with these four bytes by chance. It is all of an
    aggregate or none of it: no part of one is ever returned.

    Raises ``PoisonRecord`` for an aggregate of more than ``MOST_RECORDS``.
    """
    if not data.startswith(MAGIC):
        return Unpacked([data])
    if len(data) < len(MAGIC) + DIGEST_BYTES:
        return Unpacked([data], "it has the magic number of a KPL aggregate and is too short for one")
    body = data[len(MAGIC) : -DIGEST_BYTES]
    if md5(body, usedforsecurity=False).digest() != data[-DIGEST_BYTES:]:
        return Unpacked([data], "it has the magic number of a KPL aggregate and not its MD5")
    try:
        records = _aggregated(body)
    except (ValueError, IndexError) as error:
        return Unpacked(
            [data], f"it has the magic number and the MD5 of a KPL aggregate, but cannot be parsed: {error}"
        )
    if len(records) > MOST_RECORDS:
        raise PoisonRecord(f"an aggregate of {len(records):,} user records; up to {MOST_RECORDS:,} are read")
    return Unpacked(records)


def _aggregated(body: bytes) -> list[bytes]:
    """Return the data of each record. Raises ``ValueError`` or ``IndexError`` where the body is no AggregatedRecord.

    The loop takes the form that producers write (index of the partition key, then the data, no length above two bytes)
    without a call; all other forms that protocol buffers allow go through ``_record``. Of a record in that form the
    bytes before the data (its head) say all the rest, so the next that begins with the same needs no look at any of
    them. A head is looked for in the width of the last one that was read: records of one size have heads of one width.
    Lengths are held to the end of the body once, when it is reached: whoever steps beyond it never meets it.
    """
    records: list[bytes] = []
    sizes: dict[bytes, int] = {}
    keys = hash_keys = 0
    highest_key = highest_hash_key = -1
    at, end, width = 0, len(body), 0
    while at < end:
        start = at + width
        known = sizes.get(body[at:start])
        if known is not None:
            at = start + known
            records.append(body[start:at])
            continue
        tag, length, begin = body[at], body[at + 1], at
        at += 2
        if length > 127 and tag in LENGTH_PREFIXED:
            high = body[at]
            length, at = (length - 128 + (high << 7), at + 1) if high < 128 else _number(body, at - 1, end)
        stop = at + length
        if tag == RECORD:
            key, size, start = body[at + 1], body[at + 3], at + 4
            if size > 127:
                high = body[start]
                size, start = (size - 128 + (high << 7), start + 1) if high < 128 else (-1, start)
            if start + size == stop and key < 128 and body[at] == KEY_INDEX and body[at + 2] == DATA:
                records.append(body[start:stop])
                width = start - begin
                sizes[body[begin:start]] = size
            else:
                record, key, hash_key = _record(body, at, min(stop, end))
                records.append(record)
                highest_hash_key = max(highest_hash_key, hash_key)
            if key > highest_key:
                highest_key = key
        elif tag in LENGTH_PREFIXED:
            body[at:stop].decode()
            keys += tag == PARTITION_KEY
            hash_keys += tag == EXPLICIT_HASH_KEY
        else:
            stop = _after_unknown(body, at - 2, end)
        at = stop
    if at != end:
        raise ValueError("a field reaches beyond its end")
    if highest_key >= keys or highest_hash_key >= hash_keys:
        raise ValueError("a record's key is not in the table of keys")
    return records


def _record(body: bytes, at: int, end: int) -> tuple[bytes, int, int]:
    """Return (data, index of the partition key, index of the explicit hash key or -1)."""
    data, key, hash_key = None, -1, -1
    while at < end:
        tag = body[at]
        if tag == DATA:
            length, at = _number(body, at + 1, end)
            if at + length > end:
                raise ValueError("a record's data reaches beyond its end")
            data, at = body[at : at + length], at + length
        elif tag == KEY_INDEX:
            key, at = _number(body, at + 1, end)
        elif tag == HASH_KEY_INDEX:
            hash_key, at = _number(body, at + 1, end)
        else:
            at = _after_unknown(body, at, end)
    if data is None or key < 0:
        raise ValueError("a record has no data or no partition key")
    return data, key, hash_key


def _after_unknown(body: bytes, at: int, end: int) -> int:
    """Return where the field after an unknown one begins: protocol buffers pass over what they do not know."""
    tag, at = _number(body, at, end)
    kind = tag & 7
    if tag < 8 or kind not in (NUMBER, BYTES, *FIXED_WIDTHS):
        raise ValueError(f"{tag} stands where a tag is expected")
    if kind == NUMBER:
        return _number(body, at, end)[1]
    width = FIXED_WIDTHS.get(kind)
    if width is None:
        width, at = _number(body, at, end)
    if at + width > end:
        raise ValueError("a field reaches beyond its end")
    return at + width


def _number(body: bytes, at: int, end: int) -> tuple[int, int]:
    """Return (number, where it ends): base 128, the lowest seven bits first, ten bytes at most."""
    number = 0
    for shift in range(0, 70, 7):
        if at >= end:
            break
        byte = body[at]
        at += 1
        number |= (byte & 0x7F) << shift
        if byte < 0x80:
            return number, at
    raise ValueError("a number does not end")
