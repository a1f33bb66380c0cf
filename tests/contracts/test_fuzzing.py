"""Every consumer, given a real record that was spoilt, between good ones: the good ones are applied, and the spoilt one
is named in the answer, or applied, or passed over by rule. Nothing else comes of it but an answer."""

import json
import logging
from base64 import b64decode, b64encode
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from random import Random
from typing import Any

import pytest
from hypothesis import strategies as st

from changestream.core.errors import UnsuitableStream
from contracts.consumer import STEP, Consumer, Json, numbered, sequence_number_of
from contracts.examples import draws, for_any
from input_times import bounded
from invocations import stops_at
from mutations import fuzzed, spoilt


@st.composite
def spoilt_record(draw: st.DrawFn, record: Json) -> Json:
    """A record with the sequence number that Lambda always gives it; of a Kinesis record, the data are spoilt too."""
    number = sequence_number_of(record)
    if "kinesis" in record and draw(st.booleans()):
        data = b64decode(record["kinesis"]["data"])
        try:
            told = json.dumps(draw(spoilt(json.loads(data)))).encode()
        except ValueError:
            told = draw(damaged(data))
        return record | {"kinesis": record["kinesis"] | {"data": b64encode(told).decode()}}
    found: Json = draw(spoilt(record))
    body, name = ("kinesis", "sequenceNumber") if "kinesis" in record else ("dynamodb", "SequenceNumber")
    whole = found.get(body)
    return found | {body: (whole if isinstance(whole, dict) else {}) | {name: number}}


@st.composite
def damaged(draw: st.DrawFn, data: bytes) -> bytes:
    found = bytearray(data)
    for _ in range(draw(st.integers(1, 3))):
        found[draw(st.integers(0, len(found) - 1))] = draw(st.integers(0, 255))
    return bytes(found[: draw(st.integers(1, len(found)))])


@pytest.mark.filterwarnings("ignore:No application metrics to publish")
@for_any(lambda examples: fuzzed(2 * examples), data=st.data(), draw=draws)
def test_a_spoilt_record_harms_none_beside_it_and_is_not_lost(
    consumer: Consumer, data: st.DataObject, draw: Random
) -> None:
    good = numbered(consumer.history(draw))
    record = data.draw(spoilt_record(consumer.poison("spoilt", 100 * STEP)(len(good) + 1)))
    once = view_after(consumer, good)

    consumer.begin()
    try:
        with told() as lines, bounded(record):
            response = consumer.deliver([*good, record])
    except UnsuitableStream:  # the stream's fault: nothing is applied, and all of it comes again
        assert consumer.snapshot() == view_after(consumer, [])
        return

    assert_an_answer(response, [*good, record])
    if stops_at(response):
        assert (stops_at(response), response["failure"]["kind"]) == (sequence_number_of(record), "poison")
        assert response["failure"].get("reason", "").isprintable()
        assert consumer.snapshot() == once
    else:
        assert consumer.snapshot() != once or lines[-1].passed_over or lines[-1].superseded


@contextmanager
def told() -> Iterator[list[Any]]:
    """The lines that a function logs."""
    lines: list[Any] = []

    class Taking(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            lines.append(record)

    handler = Taking()
    logger = logging.getLogger("tested")
    logger.addHandler(handler)
    try:
        yield lines
    finally:
        logger.removeHandler(handler)


def assert_an_answer(response: Json, records: Sequence[Json]) -> None:
    named = [failure["itemIdentifier"] for failure in response["batchItemFailures"]]
    assert len(named) <= 1
    assert set(named) <= {sequence_number_of(record) for record in records}
    json.dumps(response)


def view_after(consumer: Consumer, records: Sequence[Json]) -> Any:
    consumer.begin()
    if records:
        assert stops_at(consumer.deliver(records)) is None
    return consumer.snapshot()
