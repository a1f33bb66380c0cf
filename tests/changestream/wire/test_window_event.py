import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from builders import MOMENT, capture, kinesis_record, sequence_number, task
from changestream.core.observation_set import WIDTH
from changestream.wire import window_event
from changestream.wire.window_event import State

PACKED = st.binary(min_size=WIDTH, max_size=WIDTH)
BATCHES = st.lists(st.dictionaries(st.text(min_size=1), st.lists(PACKED, min_size=1)), max_size=5)


@given(BATCHES)
def test_what_a_state_has_gathered_outlives_its_way_through_lambda(batches: list[dict[str, list[bytes]]]) -> None:
    document: dict[str, Any] = {}
    for n, batch in enumerate(batches):
        state = State(json.loads(json.dumps(document)))
        state.gather(window_event.span({"Records": [kinesis_record(n, b"any")]}), batch)
        document = state.document()

    gathering = State(document).gathering()

    groups = gathering.groups if gathering else {}
    together = [(group, packed) for batch in batches for group, some in batch.items() for packed in some]
    assert groups.keys() == {group for group, _ in together}
    assert {(group, identity) for group, gathered in groups.items() for identity in gathered.observations} == {
        (group, packed[:8]) for group, packed in together
    }
    assert sum(len(one.observations) + one.repeated for one in groups.values()) == len(together)


def test_the_span_reaches_from_the_lowest_to_the_highest_record_whatever_order_batches_came_in() -> None:
    state = State({})
    for first, last in ((10, 12), (7, 9)):
        state.gather(window_event.span({"Records": [kinesis_record(first, b""), kinesis_record(last, b"")]}), {})

    gathering = State(state.document()).gathering()

    assert gathering
    span = gathering.span
    assert (span.start.text, span.end.text, span.records) == (sequence_number(7), sequence_number(12), 4)
    assert (span.first_arrival, span.last_arrival) == (MOMENT + 0.007, MOMENT + 0.012)


def test_a_state_of_another_version_is_refused() -> None:
    with pytest.raises(ValueError, match="version 2"):
        State({"version": 2})


def test_an_event_without_a_window_is_told_from_one_with() -> None:
    assert window_event.window({"Records": [kinesis_record(1, capture(1, new=task()))]}) is None
