"""Attribute values and items of every kind, as DynamoDB takes them and as it does not."""

from base64 import b64encode
from typing import Any

from hypothesis import strategies as st

from builders import nested_maps, task
from mutations import nested

Json = dict[str, Any]

texts = st.text(st.characters(codec="utf-8"), max_size=12)
binaries = st.binary(max_size=12).map(lambda raw: b64encode(raw).decode())
numbers = st.decimals(-(10**20), 10**20, allow_nan=False, places=4).map(str)

scalars = st.one_of(
    texts.map(lambda text: {"S": text}),
    numbers.map(lambda number: {"N": number}),
    binaries.map(lambda raw: {"B": raw}),
    st.booleans().map(lambda flag: {"BOOL": flag}),
    st.just({"NULL": True}),
    st.lists(texts, min_size=1, max_size=3, unique=True).map(lambda members: {"SS": members}),
    st.lists(st.integers(-99, 99), min_size=1, max_size=3, unique=True).map(lambda all_: {"NS": [*map(str, all_)]}),
    st.lists(binaries, min_size=1, max_size=3, unique=True).map(lambda members: {"BS": members}),
)
names = st.text(st.characters(codec="utf-8"), min_size=1, max_size=8)
values: st.SearchStrategy[Json] = st.recursive(
    scalars,
    lambda inner: (
        st.lists(inner, max_size=3).map(lambda elements: {"L": elements})
        | st.dictionaries(names, inner, max_size=3).map(lambda entries: {"M": entries})
    ),
    max_leaves=8,
)
items: st.SearchStrategy[Json] = st.dictionaries(names, values, max_size=5)
"""Legal items of any attributes."""

NUMERIC = (
    "NaN", "Infinity", "-Infinity", "1E125", "1E126", "1E131", "1E-130", "1E-131", "9" * 38, "9" * 39, "0" * 400 + "1",
    "1e5", "+5", ".5", "5.", "05.00", "-0", "1_0", " 1", "١٢", "", "0x1", "1E99999", "9" * 5000,
)  # fmt: skip
numeric = st.sampled_from(NUMERIC).map(lambda text: {"N": text})
number_sets = st.lists(st.sampled_from(("1", "1.0", "2", "NaN")), max_size=3).map(lambda members: {"NS": members})
deep = st.one_of(
    st.integers(28, 35).map(nested_maps), st.sampled_from((100, 250, 900)).map(lambda depth: nested(depth, "attribute"))
)
large = st.sampled_from((300_000, 408_000, 409_200, 409_500, 410_000, 900_000)).map(lambda size: {"S": "x" * size})
odd_values = st.one_of(numeric, number_sets, deep, large)
"""Values at and beyond DynamoDB's bounds: numbers, nesting, sizes."""

DATES = (
    "2026-11-21T06:00:00+00:00", "2026-11-21T06:00:00Z", "2026-11-21T06:00", "2026-11-21",
    "2026-11-21T06:00:00.123456789Z", "2026-11-21 06:00:00", "20261121", "2026-W47-6", "20261121T060000Z",
    "2026-11-21T06", "2026-11-21T06:00:00,5Z", "2026-11-21T06:00:00+0000", "2026-11-21T06:00:00+18:00",
    "2026-11-21T06:00:00+18:30", "2026-11-21T06:00:00-23:59", "2026-11-21T24:00:00", "2026-02-30", "2026-11", "2026",
    "0000-01-01", "0001-01-01T00:00:00+14:00", "9999-12-31", "2026-11-21t06:00:00z", "2026-11-21T06:00:60Z",
    "٢٠٢٦-11-21", "2026-11-21\n", "+2026-11-21", "",
)  # fmt: skip
dates = st.sampled_from(DATES).map(lambda text: {"S": text})
seconds = st.sampled_from(
    ("0", "1800000000", "-1", "1800000000000", "9" * 15, "9" * 16, "9" * 20, "1.5", "1E9", "", "1_000", "NaN")
).map(lambda text: {"N": text})

odd_tasks = st.builds(
    lambda attributes: task("task-odd", **attributes),
    st.fixed_dictionaries(
        {},
        optional={
            "createdDate": dates,
            "dueDate": dates,
            "expiresAt": seconds,
            "version": seconds,
            "status": st.sampled_from(("open", "done", "?", "")).map(lambda text: {"S": text}),
            "description": scalars,
            "note": values | odd_values,
        },
    ),
)
"""Tasks of which some attributes are odd: some of them well-formed, and some not."""
