"""DynamoDB's rules for items, as the documentation has them; Python's decimal arithmetic is the oracle of numbers."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from builders import nested_maps, task
from changestream.core.errors import PoisonRecord
from changestream.wire.item import checked_item, checked_keys
from changestream.wire.item_number import RefusedNumber, number
from changestream.wire.item_size import ITEM_BYTES, ROOM_BYTES, require_size, size_of
from mutations import nested


def nested_lists(levels: int) -> dict[str, Any]:
    value: dict[str, Any] = {"NULL": True}
    for _ in range(levels):
        value = {"L": [value]}
    return value


@pytest.mark.parametrize(
    "value",
    [
        {"S": ""},
        {"N": "0"},
        {"N": "-12.50"},
        {"N": "9" * 38 + "0" * 80},
        {"N": "1E-130"},
        {"N": "9.9999999999999999999999999999999999999E+125"},
        {"B": ""},
        {"BOOL": False},
        {"NULL": True},
        {"SS": ["a", ""]},
        {"NS": ["1", "10"]},
        {"BS": ["AA==", "AAA="]},
        {"L": []},
        {"M": {}},
        nested_maps(31),
        nested_lists(31),
    ],
)
def test_what_dynamodb_takes_is_an_item(value: dict[str, Any]) -> None:
    assert checked_item(task(note=value), "NewImage")["note"] == value


@pytest.mark.parametrize(
    "value",
    [
        None,
        "text",
        {},
        {"S": "a", "N": "1"},
        {"X": "a"},
        {"S": 5},
        {"S": "\ud800"},
        {"N": 5},
        {"N": ""},
        {"N": "NaN"},
        {"N": "Infinity"},
        {"N": "1_0"},
        {"N": "١٢"},
        {"N": " 1"},
        {"N": "9" * 39},
        {"N": "1E131"},
        {"N": "1E126"},
        {"N": "1E-131"},
        {"N": "1E999999999999"},
        {"N": "9" * 5000},
        {"B": "%"},
        {"B": 5},
        {"BOOL": "true"},
        {"NULL": False},
        {"SS": []},
        {"SS": ["a", "a"]},
        {"SS": "a"},
        {"SS": [1]},
        {"NS": ["1", "1.0"]},
        {"NS": ["1", "NaN"]},
        {"NS": [1]},
        {"BS": ["AA==", "AA=="]},
        {"BS": ["%"]},
        {"L": {}},
        {"L": [None]},
        {"M": []},
        {"M": {"": {"S": "x"}}},
        {"M": {"\ud800": {"S": "x"}}},
        nested_maps(32),
        nested_lists(32),
        nested(250, "attribute"),
        nested(5000, "attribute"),
    ],
    ids=lambda value: repr(value)[:40] if not isinstance(value, dict) or "M" not in value else "nested",
)
def test_what_dynamodb_refuses_is_poison_and_the_reason_names_the_attribute(value: object) -> None:
    with pytest.raises(PoisonRecord, match="NewImage is not an item: 'note'"):
        checked_item({**task(), "note": value}, "NewImage")


@given(st.decimals(allow_nan=False, allow_infinity=False) | st.decimals(-1, 1, places=38))
def test_a_number_is_taken_if_it_has_38_digits_at_most_and_lies_in_range(value: Decimal) -> None:
    text = str(value)
    digits = "".join(map(str, value.as_tuple().digits)).strip("0")
    allowed = len(digits) <= 38 and (not digits or -130 <= value.adjusted() <= 125)

    try:
        taken = number(text) == value
    except RefusedNumber:
        taken = False

    assert taken == (allowed and len(text) <= 400 and abs(value.adjusted()) < 10_000)


@pytest.mark.parametrize(
    "keys",
    [None, {}, {"a": {"S": ""}}, {"a": {"M": {}}}, {"a": {"BOOL": True}}, {"a": {"S": "x" * 4000}}, {"a": {"N": "x"}}],
)
def test_what_is_not_a_primary_key_is_poison(keys: object) -> None:
    with pytest.raises(PoisonRecord):
        checked_keys(keys)


def test_an_item_is_measured_as_dynamodb_does() -> None:
    assert size_of({"M": {"ab": {"L": [{"S": "é"}, {"N": "12345"}, {"B": "AAAA"}, {"NULL": True}]}}}) == 23

    require_size({"a": {"S": "x" * (ITEM_BYTES - ROOM_BYTES - 1)}}, "NewImage")
    with pytest.raises(PoisonRecord, match="an item has up to 409,536"):
        require_size({"a": {"S": "x" * (ITEM_BYTES - ROOM_BYTES)}}, "NewImage")


@pytest.mark.parametrize("value", [{"S": "a"}, {"N": "1"}, {"BOOL": True}])
@pytest.mark.parametrize("name", ["", "\ud800", "x" * 65_536, "é" * 32_768], ids=["empty", "lone", "long", "wide"])
def test_a_name_that_dynamodb_does_not_take_is_refused_whatever_its_value(name: str, value: dict[str, Any]) -> None:
    with pytest.raises(PoisonRecord):
        checked_item({name: value}, "NewImage")


@pytest.mark.parametrize("name", ["x" * 65_535, "é" * 32_767], ids=["long", "wide"])
def test_the_longest_name_is_taken(name: str) -> None:
    assert checked_item({name: {"N": "1"}}, "NewImage") == {name: {"N": "1"}}
