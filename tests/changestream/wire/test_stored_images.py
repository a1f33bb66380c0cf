from base64 import b64encode
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from attribute_values import items
from builders import nested_maps, task
from changestream.core.errors import PoisonRecord
from changestream.wire.attribute_values import to_boto3
from changestream.wire.stored_images import images_of, stored

NAMES = ("oldImage", "newImage")


@given(old=items, new=items, padding=st.sampled_from([0, 450_000]))
def test_images_are_read_as_they_were_stored_in_attributes_that_are_not_nested(
    old: Any, new: Any, padding: int
) -> None:
    images = {"oldImage": old, "newImage": {**new, "padding": {"S": "x" * padding}}}

    row = stored(images)

    assert images_of(row, NAMES) == images
    assert {next(iter(value)) for value in row.values()} == ({"B"} if padding else {"S"})


def test_a_row_of_version_0_1_0_is_read() -> None:
    image = task(note={"B": "Zm9v"}, deep=nested_maps(3))

    assert images_of({"newImage": {"M": to_boto3(image)}}, NAMES) == {"newImage": image}


def test_an_attribute_that_both_images_have_is_written_once() -> None:
    large = {"B": b64encode(Random(1).randbytes(290_000)).decode()}
    images = {"oldImage": task(note=large), "newImage": task(note=large, status="done")}

    row = stored(images)

    assert len(row["images"]["B"]) < 300_000
    assert images_of(row, NAMES) == images


def test_images_that_no_row_holds_are_poison_and_the_reason_says_where_to_read_on() -> None:
    one, other = ({"B": b64encode(Random(seed).randbytes(250_000)).decode()} for seed in (1, 2))

    with pytest.raises(PoisonRecord, match="images-in-rows"):
        stored({"oldImage": task(note=one), "newImage": task(note=other)})


@pytest.mark.parametrize("value", [{"images": {"B": b"x"}}, {"newImage": {"S": "{"}}, {"newImage": {"N": "1"}}])
def test_an_attribute_that_holds_no_image_is_never_read_as_one(value: Any) -> None:
    with pytest.raises((ValueError, KeyError)):
        images_of(value, NAMES)
