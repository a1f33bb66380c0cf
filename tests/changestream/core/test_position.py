import pytest
from hypothesis import given
from hypothesis import strategies as st

from changestream.core.position import ORIGIN, WIDTH, position_of, supersedes
from changestream.core.sequence_number import SequenceNumber

NUMBERS = st.integers(min_value=0, max_value=10**WIDTH - 1)


@given(NUMBERS, NUMBERS)
def test_positions_as_text_stand_in_the_order_of_their_numbers(one: int, other: int) -> None:
    assert (position_of(one) < position_of(other)) == (one < other)


@given(NUMBERS)
def test_a_change_never_supersedes_itself(number: int) -> None:
    assert not supersedes(position_of(number), position_of(number))


def test_a_row_without_watermark_takes_any_change() -> None:
    assert supersedes(ORIGIN, None)


@given(NUMBERS.filter(bool))
def test_every_change_supersedes_a_backfilled_row(number: int) -> None:
    assert supersedes(position_of(number), ORIGIN)


@pytest.mark.parametrize("number", [-1, 10**WIDTH])
def test_a_number_that_does_not_fit_is_refused(number: int) -> None:
    with pytest.raises(ValueError, match="not a position"):
        position_of(number)


def test_sequence_numbers_of_unequal_length_compare_as_integers() -> None:
    assert SequenceNumber.parse("9") < SequenceNumber.parse("10")


def test_a_sequence_number_prints_as_it_was_written() -> None:
    assert str(SequenceNumber.parse("0042")) == "0042"


@pytest.mark.parametrize("text", ["", "12a", "-1", "١٢", "1.0", None, 12])
def test_what_is_not_decimal_digits_is_no_sequence_number(text: object) -> None:
    with pytest.raises(ValueError, match="not a sequence number"):
        SequenceNumber.parse(text)
