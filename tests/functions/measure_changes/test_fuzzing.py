"""Windows with a spoilt record in them, or with a state that nobody here has written: no change is lost to either."""

import json
from contextlib import suppress
from itertools import count
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from builders import capture, kinesis_record, sequence_number, task
from changestream.core.failed_batch import FailedBatch
from changestream.core.sequence_number import SequenceNumber
from changestream.wire.failure_message import failed_batch
from functions.measure_changes.conftest import Measured
from input_times import bounded
from mutations import ODD, fuzzed, spoilt
from tasks.observation import MeasuredKind

Json = dict[str, Any]

CAPTURED = capture(7, new=task("task-7", "list-1"), old=task("task-7", "list-1", status={"S": "done"}))
ENDINGS = st.sampled_from([{}, {"early": True}, {"final": True}])
EXAMPLES = count()
"""Each has lists of its own in the table that they share."""


def good(n: int, list_id: str) -> Json:
    return kinesis_record(n, capture(n, new=task(f"task-{n}", list_id)))


@fuzzed(30)
@given(
    content=spoilt(CAPTURED).map(lambda found: json.dumps(found).encode()) | st.binary(max_size=40),
    place=st.integers(0, 3),
    endings=st.tuples(ENDINGS, ENDINGS, ENDINGS),
)
def test_a_spoilt_record_is_measured_or_passed_over_or_handed_over_and_harms_none_in_its_window(
    measured: Measured, content: bytes, place: int, endings: tuple[Json, ...]
) -> None:
    here, there = f"here-{next(EXAMPLES)}", f"there-{next(EXAMPLES)}"
    contents = [captured(0, here), captured(1, here), captured(2, there)]
    contents.insert(place, content)
    records = [kinesis_record(n, one) for n, one in enumerate(contents)]

    for some, ending in zip((records[:2], records[2:], []), endings, strict=True):
        with bounded((content, place, ending)):
            measured.invoke(*some, **ending)
        measured.state = {} if ending else json.loads(json.dumps(measured.state))
    measured.close()

    assert measured.of(here).kinds[MeasuredKind.INSERTED] == 2
    assert measured.of(there).kinds[MeasuredKind.INSERTED] == 1
    assert {(batch.start.text, batch.end.text) for batch in handed_over(measured)} <= {(sequence_number(place),) * 2}


@pytest.mark.filterwarnings("ignore:No application metrics to publish")
@fuzzed(30)
@given(data=st.data(), ending=ENDINGS)
def test_a_state_that_was_spoilt_is_refused_or_loses_no_change_that_comes_with_it(
    measured: Measured, data: st.DataObject, ending: Json
) -> None:
    here, there = f"here-{next(EXAMPLES)}", f"there-{next(EXAMPLES)}"
    measured.state = {}
    measured.invoke(kinesis_record(1, captured(1, here)), kinesis_record(2, captured(2, there)))
    measured.state = data.draw(spoilt(measured.state) | st.sampled_from(ODD).filter(bool))

    with suppress(ValueError):  # refused as a whole: Lambda delivers it again, and then hands it to recovery
        with bounded(measured.state):
            measured.invoke(kinesis_record(3, captured(3, here)), **ending)
        if not ending:
            measured.close()

        assert measured.of(here).kinds[MeasuredKind.INSERTED] >= 1 or [
            batch for batch in handed_over(measured) if batch.within(SequenceNumber.parse(sequence_number(3)))
        ]


def captured(n: int, list_id: str) -> bytes:
    return json.dumps(capture(n, new=task(f"task-{n}", list_id))).encode()


def handed_over(measured: Measured) -> list[FailedBatch]:
    return [failed_batch(message) for message in measured.messages()]
