from math import ceil

import pytest
from hypothesis import given
from hypothesis import strategies as st

from changestream.core.sketch import RELATIVE_ERROR, Sketch

LONGEST = 2**40 - 1
DURATIONS = st.lists(st.integers(0, LONGEST) | st.integers(0, 100_000), min_size=1)


@given(DURATIONS, st.floats(0, 1))
def test_a_quantile_is_within_the_relative_error_of_the_exact_one(durations: list[int], share: float) -> None:
    exact = sorted(durations)[max(1, ceil(share * len(durations))) - 1]

    quantile = Sketch.of(durations).quantile(share)

    assert quantile == pytest.approx(exact, rel=RELATIVE_ERROR * 1.000001, abs=0)


@given(DURATIONS, DURATIONS, DURATIONS)
def test_sketches_merge_in_any_order_into_that_of_all_numbers(a: list[int], b: list[int], c: list[int]) -> None:
    first, second, third = Sketch.of(a), Sketch.of(b), Sketch.of(c)

    assert first.merge(second).merge(third) == third.merge(second.merge(first)) == Sketch.of(a + b + c)


def test_a_sketch_of_anything_stays_small() -> None:
    sketch = Sketch.of(min(LONGEST, int(1.005**n)) for n in range(10_000))

    assert sketch.count == 10_000
    assert len(sketch.buckets) <= 1388


def test_a_sketch_of_nothing_has_no_quantile() -> None:
    assert Sketch().quantile(0.95) is None


def test_a_negative_number_is_refused() -> None:
    with pytest.raises(ValueError, match="negative"):
        Sketch.of([-1])
