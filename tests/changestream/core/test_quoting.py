import pytest

from changestream.core.batch import LONGEST_REASON, Failure, FailureKind
from changestream.core.quoting import LONGEST_QUOTE, quoted, shortened
from mutations import ODD, nested


def test_characters_that_show_nothing_are_escaped() -> None:
    assert quoted("a\u3164b\u2800\u200b") == "'a\\u3164b\\u2800\\u200b'"


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("milk", "'milk'"),
        ("[/etc/hosts]\x1b[2J", "'[/etc/hosts]\\x1b[2J'"),
        ("x" * 5000, f"'{'x' * LONGEST_QUOTE}… (5,000 characters)'"),
        (b"\x00" * 1234, "<binary, 1,234 bytes>"),
        ({"B": "AAAA"}, "<binary, 3 bytes>"),
        ({"S": "milk"}, "S 'milk'"),
        ({"M": {}, "S": 1}, "<map, 2 entries>"),
        ([1, 2], "<list, 2 entries>"),
        (10**5000, "<number, 16,610 bits>"),
        (None, "None"),
    ],
    ids=lambda _: "",
)
def test_a_value_is_quoted_by_a_readable_beginning_and_binary_by_its_length(value: object, expected: str) -> None:
    assert quoted(value) == expected


@pytest.mark.parametrize("value", [*ODD, nested(5000, "list"), nested(5000, "attribute")], ids=lambda _: "")
def test_a_quotation_is_short_and_printable_whatever_the_value(value: object) -> None:
    text = quoted(value)

    assert len(text) <= 12 * LONGEST_QUOTE
    assert text.isprintable()


def test_a_reason_is_cut_says_how_long_it_was_and_has_no_control_characters() -> None:
    reason = Failure("1", FailureKind.POISON, "\x1b[31m" + "x" * 5000).reason

    assert reason.startswith("\\x1b[31m")
    assert reason.endswith("… (5,005 characters)")
    assert len(reason) < LONGEST_REASON + 40


@pytest.mark.parametrize("most", [300, 310, 100])
def test_a_text_that_is_cut_twice_names_its_first_length(most: int) -> None:
    assert shortened(shortened("x" * 5000, 300), most) == f"{'x' * min(most, 300)}… (5,000 characters)"
