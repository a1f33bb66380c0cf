"""Parked objects and revisions that somebody wrote by hand."""

import pytest

from streamctl.explaining.kept import in_range


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("100-200.json", True),
        ("100-200.poison.json", True),
        ("100-149.json", False),
        ("100-²00.json", False),
        ("²-200.json", False),
        ("\uff1100-200.json", False),
        ("-.json", False),
        ("100-200x.json", False),
        ("notes.txt", False),
        ("", False),
    ],
)
def test_the_range_of_a_parked_object_is_read_from_ascii_digits(name: str, expected: bool) -> None:
    assert in_range(f"parked/function/2026/01/01/shard/{name}", 150) is expected
