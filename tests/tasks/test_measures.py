import random
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from changestream.core.observation_set import IDENTITY_WIDTH, apart, together, unite
from tasks.measures import Measures, measure, merged
from tasks.observation import LONGEST, TASK_WIDTH, Completion, MeasuredKind, Observation, unpacked

OBSERVATIONS = st.builds(
    Observation,
    identity=st.binary(min_size=IDENTITY_WIDTH, max_size=IDENTITY_WIDTH),
    task=st.sampled_from([bytes([n] * TASK_WIDTH) for n in range(4)]),
    kind=st.sampled_from(MeasuredKind),
    completion=st.sampled_from(Completion),
    milliseconds=st.integers(0, LONGEST),
    late=st.booleans(),
)
CHANGES = st.lists(OBSERVATIONS, max_size=30, unique_by=lambda one: one.identity)


@given(OBSERVATIONS)
def test_an_observation_is_read_as_it_was_packed(observation: Observation) -> None:
    assert unpacked(observation.packed()) == observation


@given(CHANGES, st.randoms(use_true_random=False))
def test_whatever_the_order_the_repeats_and_the_rows_the_measures_are_those_of_the_changes(
    changes: list[Observation], draw: random.Random
) -> None:
    once = measure(unite(change.packed() for change in changes))
    disturbed = [change.packed() for change in changes] + [change.packed() for change in changes if draw.random() < 0.4]
    draw.shuffle(disturbed)
    cuts = sorted([0, len(disturbed), *(draw.randint(0, len(disturbed)) for _ in range(3))])

    rows = [together(unite(disturbed[start:end])) for start, end in pairwise(cuts)]

    assert merged(rows) == once
    assert once.changes == len(changes)


@given(CHANGES, CHANGES)
def test_lists_merge_into_the_figures_of_both(some: list[Observation], others: list[Observation]) -> None:
    first = measure(unite(change.packed() for change in some))
    second = measure(unite(change.packed() for change in others))

    both = first.merge(second)

    assert both == second.merge(first)
    assert (both.changes, both.tasks) == (len(some) + len(others), first.tasks + second.tasks)
    assert first.merge(Measures()) == first


@given(OBSERVATIONS)
def test_a_change_is_late_only_if_it_was_late_each_time(observation: Observation) -> None:
    late, punctual = (
        Observation(
            observation.identity,
            observation.task,
            observation.kind,
            observation.completion,
            observation.milliseconds,
            is_late,
        )
        for is_late in (True, False)
    )

    assert merged([late.packed(), punctual.packed()]) == merged([punctual.packed()])
    assert merged([late.packed(), late.packed()]).late == 1


def test_a_row_that_was_cut_short_is_refused() -> None:
    with pytest.raises(ValueError, match="19 bytes"):
        apart(bytes(19))
