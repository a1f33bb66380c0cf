"""What a window cannot take, cannot write or cannot hold."""

import json
import random
from base64 import b64decode, b64encode
from collections.abc import Callable
from typing import Any

import pytest

from builders import MOMENT, capture, function_arn, kinesis_record, sequence_number, task
from changestream.core.deadline import ANSWER_SECONDS
from changestream.core.errors import TransientError
from changestream.core.observation_set import IDENTITY_WIDTH, WIDTH
from changestream.core.sequence_number import SequenceNumber
from changestream.core.tumbling import Span
from changestream.wire.failure_message import failed_batch
from changestream.wire.window_event import State
from functions.measure_changes.conftest import Measured
from tasks.observation import MeasuredKind

Json = dict[str, Any]

SPAN = Span(SequenceNumber.parse("1"), SequenceNumber.parse("1"), 1, float(MOMENT), float(MOMENT))
NO_TIME_TO_WAIT = ANSWER_SECONDS + 0.2


def test_poison_is_handed_over_and_the_good_records_around_it_are_gathered(measured: Measured) -> None:
    measured.invoke(
        kinesis_record(9, capture(1, new=task("task-1"))),
        kinesis_record(10, b"not a captured change"),
        kinesis_record(11, capture(3, new=task("task-3"))),
    )
    measured.close()

    (message,) = measured.messages()
    batch = failed_batch(message)
    assert (batch.start.text, batch.end.text) == (sequence_number(10), sequence_number(10))
    assert (batch.function_arn, batch.condition) == (function_arn("measure_changes"), "PoisonInWindow")
    assert measured.of().kinds == {MeasuredKind.INSERTED: 2}


@pytest.mark.parametrize("arrival", [None, "soon", float("nan"), 1e308])
def test_poison_that_came_at_no_time_is_handed_over_as_if_at_its_windows_beginning(
    measured: Measured, arrival: Any
) -> None:
    poison = kinesis_record(10, b"not a captured change")
    poison["kinesis"]["approximateArrivalTimestamp"] = arrival

    measured.invoke(kinesis_record(9, capture(1, new=task())), poison)
    measured.close()

    (message,) = measured.messages()
    batch = failed_batch(message)
    assert (batch.start.text, batch.last_arrival) == (sequence_number(10), "2026-01-01T00:00:00.000Z")
    assert measured.of().changes == 1


@pytest.mark.parametrize("list_id", ["", "x" * 2049, "\ud800"])
def test_a_list_that_can_have_no_row_fails_alone_and_not_its_window(measured: Measured, list_id: str) -> None:
    measured.invoke(
        kinesis_record(9, capture(1, new=task())), kinesis_record(10, capture(2, new=task("task-2", list_id)))
    )
    measured.close()

    (message,) = measured.messages()
    batch = failed_batch(message)
    assert (batch.start.text, batch.end.text) == (sequence_number(10), sequence_number(10))
    assert batch.condition == "PoisonInWindow"
    assert measured.of().changes == 1


def test_a_window_that_the_table_refuses_is_handed_over_as_a_whole(
    measured: Measured, refuse: Callable[..., None]
) -> None:
    refuse(service="dynamodb", operation="BatchWriteItem", resource=measured.table, error="InternalServerError")
    measured.invoke(kinesis_record(9, capture(1, new=task())))
    measured.invoke(kinesis_record(10, capture(2, new=task("settings"))))

    measured.close(seconds_left=NO_TIME_TO_WAIT)

    (message,) = measured.messages()
    batch = failed_batch(message)
    assert (batch.start.text, batch.end.text, batch.batch_size) == (sequence_number(9), sequence_number(10), 2)
    assert batch.first_arrival == "2026-01-01T00:00:00.009Z"
    assert measured.rows() == []


def test_a_brief_refusal_is_waited_out(measured: Measured, refuse: Callable[..., None]) -> None:
    refuse(
        service="dynamodb",
        operation="BatchWriteItem",
        resource=measured.table,
        error="InternalServerError",
        seconds=0.3,
    )

    measured.close(kinesis_record(1, capture(1, new=task())))

    assert measured.of().changes == 1
    assert measured.messages() == []


def test_where_table_and_queue_refuse_the_window_stays_with_lambda(
    measured: Measured, refuse: Callable[..., None]
) -> None:
    refuse(service="dynamodb", operation="BatchWriteItem", resource=measured.table, error="InternalServerError")
    refuse(service="sqs", operation="SendMessage", error="InternalError")

    with pytest.raises(TransientError, match="handing 1 records over"):
        measured.close(kinesis_record(1, capture(1, new=task())), seconds_left=NO_TIME_TO_WAIT)


def test_a_state_is_written_down_before_it_outgrows_lambdas_megabyte(measured: Measured) -> None:
    state, draw = State({}), random.Random(1)
    state.gather(SPAN, {"list-1": [packed(draw) for _ in range(33_600)]})
    carried = measured.state = state.document()
    assert not state.is_full()

    response = measured.invoke(*(kinesis_record(n, capture(n, new=task(f"task-{n}"))) for n in range(500)))

    assert size(carried) > 890_000
    assert response["state"] == {}
    assert all(
        size({**row, "observations": b64encode(row["observations"]["B"]).decode()}) < 410_000 for row in measured.rows()
    )
    assert measured.of().changes == len(b64decode(carried["groups"]["list-1"][0])) // WIDTH + 500


def packed(draw: random.Random) -> bytes:
    return draw.randbytes(IDENTITY_WIDTH) + bytes([MeasuredKind.INSERTED]) + draw.randbytes(WIDTH - IDENTITY_WIDTH - 1)


def size(document: Json) -> int:
    return len(json.dumps(document, separators=(",", ":")).encode())
