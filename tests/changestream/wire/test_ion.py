"""Ion documents as the reference library writes them."""

import math
from contextlib import suppress
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import amazon.ion.simpleion as amazon_ion
import pytest
from hypothesis import given
from hypothesis import strategies as st

from changestream.wire.ion import DEEPEST, VERSION_MARKER, NotIon, load
from changestream.wire.ion_budget import Budget
from ledger_builders import ion, licence, revision

texts = st.text(st.characters(codec="utf-8"), max_size=20)
zones = st.builds(lambda minutes: timezone(timedelta(minutes=minutes)), st.integers(-23 * 60, 23 * 60))
moments = st.builds(
    lambda seconds, microseconds, zone: (
        datetime(1, 1, 2, tzinfo=UTC) + timedelta(seconds=seconds, microseconds=microseconds)
    ).astimezone(zone),
    st.integers(0, 9997 * 365 * 86_400),
    st.integers(0, 999_999),
    zones,
)
scalars = (
    st.none()
    | st.booleans()
    | st.integers(-(2**200), 2**200)
    | st.floats(allow_nan=False)
    | st.decimals(allow_nan=False, allow_infinity=False)
    | texts
    | st.binary(max_size=40)
    | moments
)
values = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=20) | st.dictionaries(texts, inner, max_size=20), max_leaves=30
)


@given(values)
def test_any_document_of_the_reference_is_read_as_it_was_written(value: Any) -> None:
    read = load(ion(value))

    assert read == value
    assert repr(read) == repr(load(ion(value)))


# The reference's writer keeps 34 digits of a number and rounds beyond.
@given(st.decimals(allow_nan=False, allow_infinity=False).filter(lambda number: len(number.as_tuple().digits) <= 34))
def test_a_decimal_keeps_every_digit_and_its_scale(number: Decimal) -> None:
    assert load(ion(number)).as_tuple() == number.as_tuple()


def test_a_float_that_is_no_number_is_read() -> None:
    assert math.isnan(load(ion(math.nan)))
    assert load(ion(-math.inf)) == -math.inf


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("null.struct", None),
        ("symbol", "symbol"),
        ("annotated::{a: other::1}", {"a": 1}),
        ("first::second::[1, (two 3.0e0)]", [1, ["two", 3.0]]),
        ("{{aGVsbG8=}}", b"hello"),
        ('{{"clob"}}', b"clob"),
        ("2026T", datetime(2026, 1, 1, tzinfo=UTC)),
        ("2026-03T", datetime(2026, 3, 1, tzinfo=UTC)),
        ("2026-03-04", datetime(2026, 3, 4, tzinfo=UTC)),
        ("2026-03-04T05:06Z", datetime(2026, 3, 4, 5, 6, tzinfo=UTC)),
        ("2026-03-04T05:06:07-00:00", datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)),
        ("2026-03-04T05:06:07.123+02:00", datetime(2026, 3, 4, 3, 6, 7, 123_000, tzinfo=UTC)),
        ("2026-03-04T05:06:07.1234567Z", datetime(2026, 3, 4, 5, 6, 7, 123_456, tzinfo=UTC)),
        ("-1180591620717411303424", -(2**70)),
        ("0d-3", Decimal("0.000")),
    ],
)
def test_what_the_text_says_the_binary_says(text: str, value: Any) -> None:
    document = amazon_ion.dumps(amazon_ion.loads(text), binary=True)

    assert load(document) == value


@pytest.mark.parametrize(
    ("document", "why"),
    [
        (b"", "nothing"),
        (b'{"recordType": "CONTROL"}', "version marker"),
        (VERSION_MARKER, "0 values"),
        (ion(1) + ion(2), "2 values"),
        (b"\xe0\x01\x01\xea\x0f", "version marker"),
        (VERSION_MARKER + b"\xe0\x02\x00\xea\x20", "other than 1.0"),
        (VERSION_MARKER + b"\x8e", "does not end"),
        (VERSION_MARKER + b"\x89short", "beyond its end"),
        (VERSION_MARKER + b"\x81\xff", "UTF-8"),
        (VERSION_MARKER + b"\x71\x0b", "no text"),
        (VERSION_MARKER + b"\x70", "no text"),
        (VERSION_MARKER + b"\x30", "does not know"),
        (VERSION_MARKER + b"\x12", "does not know"),
        (VERSION_MARKER + b"\x43\x00\x00\x00", "does not know"),
        (VERSION_MARKER + b"\xf0", "does not know"),
        (VERSION_MARKER + b"\xd4\x84\x20\x84\x20", "'name' twice"),
        (VERSION_MARKER + b"\xe3\x81\x84\x21", "beyond its end"),
        (VERSION_MARKER + b"\xe2\x80\x20", "does not end"),
        (VERSION_MARKER + b"\x6b\x80" + b"\x0f\xea\x8e\x81\x81\x81", "beyond its end"),
        (VERSION_MARKER + b"\x65\x80\x0f\xea\x8d\x81", "month"),
    ],
)
def test_what_is_no_document_is_refused_with_the_reason(document: bytes, why: str) -> None:
    with pytest.raises(NotIon, match=why):
        load(document)


def test_symbols_of_a_shared_table_that_is_not_at_hand_are_refused() -> None:
    imported = b"\xe9\x81\x83\xd6\x86\xb4\xd3\x84\x81x\x20"  # $ion_symbol_table::{imports: [{name: "x"}]}, roughly

    with pytest.raises(NotIon):
        load(VERSION_MARKER + imported + b"\x71\x0a")


def test_a_second_table_that_imports_the_first_adds_to_it() -> None:
    first = b"\xe7\x81\x83\xd4\x87\xb2\x81a"
    second = b"\xea\x81\x83\xd7\x86\x71\x03\x87\xb2\x81b"

    assert load(VERSION_MARKER + first + second + b"\xb4\x71\x0a\x71\x0b") == ["a", "b"]


def test_padding_is_no_value() -> None:
    assert load(VERSION_MARKER + b"\x01\xff" + b"\xb3\x00\x20\x00" + b"\x00") == [0]


def test_nesting_ends_before_the_stack_does() -> None:
    def nested(levels: int) -> bytes:
        value: list[Any] = []
        for _ in range(levels - 1):
            value = [value]
        return ion(value)

    load(nested(DEEPEST))
    with pytest.raises(NotIon, match="deep"):
        load(nested(DEEPEST + 1))


@given(st.data())
def test_a_damaged_revision_is_read_or_refused_and_nothing_else(data: st.DataObject) -> None:
    document = bytearray(revision(3, licence()))
    for _ in range(data.draw(st.integers(1, 4))):
        document[data.draw(st.integers(4, len(document) - 1))] = data.draw(st.integers(0, 255))
    kept = data.draw(st.integers(4, len(document)))

    with suppress(NotIon):
        load(bytes(document[:kept]))


@pytest.mark.parametrize(
    ("content", "moment"),
    [
        ("c00fe48181808080e112", datetime(2020, 1, 1, tzinfo=UTC)),  # 0.000000000000000000000000000000018 s
        ("c00fe48181808080c605", datetime(2020, 1, 1, 0, 0, 0, 5, tzinfo=UTC)),
        ("c00fe48181808080c1" + "05", datetime(2020, 1, 1, 0, 0, 0, 500_000, tzinfo=UTC)),
    ],
)
def test_a_fraction_of_any_number_of_digits_is_read_to_the_microsecond(content: str, moment: datetime) -> None:
    raw = bytes.fromhex(content)

    assert load(VERSION_MARKER + bytes([0x60 | len(raw)]) + raw) == moment


@pytest.mark.parametrize("content", [b"\xd1\x80", b"\xd1\x84\x85\x20\x84\x20"])
def test_a_sorted_struct_without_fields_or_out_of_order_is_refused(content: bytes) -> None:
    with pytest.raises(NotIon):
        load(VERSION_MARKER + content)


@pytest.mark.parametrize("content", [b"\xb0" * 200_000, b"\x00" * 200_000, VERSION_MARKER * 200_000])
def test_a_document_of_more_values_than_any_has_is_refused(content: bytes) -> None:
    with pytest.raises(NotIon, match="more than 100,000 values"):
        load(VERSION_MARKER + content)


def test_the_documents_of_a_record_share_one_budget_of_values() -> None:
    budget = Budget(values=150_000)
    document = ion([[] for _ in range(60_000)])
    load(document, budget)
    load(document, budget)

    with pytest.raises(NotIon, match="in its record"):
        load(document, budget)


def test_a_long_symbol_that_is_used_again_and_again_is_refused() -> None:
    symbol = ion({"x" * 40_000: 1})
    uses = symbol.removeprefix(VERSION_MARKER)

    with pytest.raises(NotIon, match="symbols of more than"):
        load(VERSION_MARKER + uses * 1000)
