"""A bug in a consumer is a crash at its record: never poison, never the end of the records beside it."""

import logging
from random import Random

import pytest

from contracts.consumer import Consumer, numbered, sequence_number_of
from contracts.examples import draws, for_any
from contracts.test_fuzzing import told
from invocations import stops_at


@for_any(draw=draws)
def test_a_bug_at_a_record_is_a_crash_with_its_traceback_in_the_log_and_harms_none_beside_it(
    consumer: Consumer, draw: Random
) -> None:
    records = numbered(consumer.history(draw))
    consumer.begin()
    consumer.deliver(records)
    once = consumer.snapshot()

    consumer.begin()
    with pytest.MonkeyPatch.context() as patch, told() as lines:
        number = consumer.plant_bug(patch, records)
        response = consumer.deliver(records)

    if number is None:
        return  # no record of this history meets the bug
    assert (stops_at(response), response["failure"]["kind"]) == (number, "crash")
    assert "owner" in response["failure"].get("reason", "owner")
    tracebacks = [line for line in lines if line.levelno == logging.ERROR or line.exc_info]
    assert any(line.exc_info and isinstance(line.exc_info[1], KeyError) for line in tracebacks)

    consumer.given_up(records)

    assert consumer.snapshot() == once
    assert number in {sequence_number_of(record) for record in records}
