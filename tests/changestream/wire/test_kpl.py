"""Aggregates as the reference library writes and reads them."""

import pytest
from google.protobuf.message import DecodeError
from hypothesis import given
from hypothesis import strategies as st

from changestream.wire.kpl import DIGEST_BYTES, MAGIC, unpack
from ledger_builders import AggregatedRecord, aggregate, sealed

user_records = st.lists(st.binary(max_size=300), max_size=20)


@given(user_records, st.sampled_from([1, 3, 200]), st.sampled_from([0, 1, 150]))
def test_any_aggregate_gives_back_what_was_put_into_it(records: list[bytes], keys: int, hash_keys: int) -> None:
    unpacked = unpack(aggregate(records, keys, hash_keys))

    assert unpacked.records == records
    assert unpacked.doubt is None


def test_data_of_any_length_is_told_apart_from_what_stands_beside_it() -> None:
    records = [bytes([n % 256]) * n for n in (0, 1, 120, 121, 122, 126, 127, 128, 129, 16_383, 16_384, 70_000)]

    assert unpack(aggregate(records)).records == records


@given(st.binary(max_size=100).filter(lambda data: not data.startswith(MAGIC)))
def test_what_lacks_the_magic_number_is_a_plain_record(data: bytes) -> None:
    unpacked = unpack(data)

    assert unpacked.records == [data]
    assert unpacked.doubt is None


@given(user_records, st.data())
def test_a_truncated_aggregate_never_comes_back_in_part(records: list[bytes], data: st.DataObject) -> None:
    whole = aggregate(records)
    truncated = whole[: data.draw(st.integers(0, len(whole) - 1))]

    unpacked = unpack(truncated)

    assert unpacked.records == [truncated]
    assert (unpacked.doubt is None) == (len(truncated) < len(MAGIC))


@given(user_records, st.data())
def test_an_aggregate_with_one_wrong_bit_never_comes_back_in_part(records: list[bytes], data: st.DataObject) -> None:
    damaged = bytearray(aggregate(records))
    bit = data.draw(st.integers(0, len(damaged) * 8 - 1))
    damaged[bit // 8] ^= 1 << bit % 8

    unpacked = unpack(bytes(damaged))

    assert unpacked.records == [bytes(damaged)]
    assert (unpacked.doubt is None) == (bit < len(MAGIC) * 8)


@given(user_records, st.data())
def test_a_sealed_body_is_read_as_the_reference_reads_it_or_not_at_all(
    records: list[bytes], data: st.DataObject
) -> None:
    body = bytearray(aggregate(records, 2, 1)[len(MAGIC) : -DIGEST_BYTES])
    for _ in range(data.draw(st.integers(1, 3))):
        body[data.draw(st.integers(0, len(body) - 1))] = data.draw(st.integers(0, 255))
    damaged = sealed(bytes(body))

    unpacked = unpack(damaged)

    if unpacked.doubt:
        assert unpacked.records == [damaged]
    else:  # the reference refuses tags that make no sense, which nobody reads here
        assert read_by_reference(bytes(body)) in (unpacked.records, None)


@pytest.mark.parametrize(
    ("data", "what"),
    [
        (MAGIC, "too short"),
        (MAGIC + bytes(DIGEST_BYTES - 1), "too short"),
        (MAGIC + b"other data, four bytes of which are as if", "not its MD5"),
        (sealed(b"\x1a\x04\x08\x00\x1a\x00"), "not in the table of keys"),
        (sealed(b"\x1a\x02\x08\x00\x0a\x01a"), "no data"),
        (sealed(b"\x1a\x02\x1a\x00\x0a\x01a"), "no partition key"),
        (sealed(b"\x0a\x7fa"), "beyond its end"),
        (sealed(b"\x0a\x01\xff"), "cannot be parsed"),
        (sealed(b"\x0a"), "cannot be parsed"),
        (sealed(b"\x0b\x00"), "where a tag is expected"),
        (sealed(b"\x22" + b"\xff" * 11), "does not end"),
    ],
)
def test_what_has_the_magic_number_and_is_no_aggregate_is_plain_and_says_why(data: bytes, what: str) -> None:
    unpacked = unpack(data)

    assert unpacked.records == [data]
    assert what in (unpacked.doubt or "")


def test_fields_that_nobody_knows_yet_are_passed_over() -> None:
    record = b"\x08\x00\x1a\x01x" + b"\x2a\x02ab" + b"\x30\x96\x01" + b"\x39" + bytes(8) + b"\x45" + bytes(4)

    body = b"\x22\x01z" + b"\x0a\x01k" + b"\x1a" + bytes([len(record)]) + record + b"\x28\x01"

    assert unpack(sealed(body)).records == [b"x"] == read_by_reference(body)


def test_a_length_with_more_bytes_than_it_needs_is_the_length_that_it_says() -> None:
    body = b"\x0a\x01k" + b"\x1a\x85\x00\x08\x00\x1a\x01x" + b"\x1a\x85\x00\x08\x00\x1a\x01y"

    assert unpack(sealed(body)).records == [b"x", b"y"] == read_by_reference(body)


def test_records_that_begin_alike_are_each_their_own() -> None:
    sizes = (0, 5, 60, 123, 124, 127, 128, 500, 5, 16_376, 16_380, 128, 500)
    records = [bytes([n]) * size for size in sizes for n in range(9)]

    assert unpack(aggregate(records)).records == records


def read_by_reference(body: bytes) -> list[bytes] | None:
    message = AggregatedRecord()
    try:
        message.ParseFromString(body)
    except DecodeError:
        return None
    return [record.data for record in message.records]
