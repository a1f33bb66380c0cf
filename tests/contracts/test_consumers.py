"""What every consumer of a stream keeps, whatever its kind and its view."""

from collections.abc import Sequence
from random import Random
from typing import Any

from hypothesis import strategies as st

from changestream.core.deadline import ANSWER_SECONDS
from contracts.consumer import STEP, Consumer, Json, Stream, numbered, sequence_number_of
from contracts.examples import draws, for_any
from contracts.plans import disordered, redelivered, repeated
from invocations import Context, stops_at


@for_any(draw=draws)
def test_redelivery_of_any_batch_prefix_or_range_leaves_the_view_as_one_delivery_did(
    consumer: Consumer, draw: Random
) -> None:
    records = numbered(consumer.history(draw))
    once = view_after(consumer, [records])

    again = view_after(consumer, redelivered(draw, records))

    assert again == once


@for_any(draw=draws)
def test_any_order_of_the_changes_ends_in_the_same_view(consumer: Consumer, draw: Random) -> None:
    history = consumer.history(draw)
    once = view_after(consumer, [numbered(history)])
    arrived = history if consumer.stream is Stream.TABLE else repeated(draw, history)

    disturbed = view_after(consumer, disordered(draw, numbered(arrived)))

    assert disturbed == once


@for_any(draw=draws, answers_lost=st.booleans(), all_calls=st.booleans())
def test_refused_calls_are_reported_at_the_lowest_record_not_done_and_nothing_after_it_is_lost(
    consumer: Consumer, draw: Random, answers_lost: bool, all_calls: bool
) -> None:
    records = numbered(consumer.history(draw))
    once = view_after(consumer, [records])
    refused = range(1000) if all_calls else draw.sample(range(4), 2)

    consumer.begin()
    with consumer.refusing(frozenset(refused), answers_lost=answers_lost):
        response = consumer.deliver(records)

    assert response.get("failure", {"kind": "unavailable"})["kind"] == "unavailable"
    assert stops_at(response) == sequence_number_of(records[0]) or not all_calls
    assert_that_redelivery_completes_the_view(consumer, records, response, once)


@for_any(draw=draws, looks=st.integers(0, 3))
def test_a_function_short_of_time_reports_the_lowest_record_not_done_and_nothing_after_it_is_lost(
    consumer: Consumer, draw: Random, looks: int
) -> None:
    records = numbered(consumer.history(draw))
    once = view_after(consumer, [records])

    consumer.begin()
    response = consumer.deliver(records, Expiring(looks))

    assert response.get("failure", {"kind": "out_of_time"})["kind"] == "out_of_time"
    assert stops_at(response) == sequence_number_of(records[0]) or looks > 0
    assert_that_redelivery_completes_the_view(consumer, records, response, once)


@for_any(draw=draws)
def test_poison_is_reported_and_hides_no_good_record(consumer: Consumer, draw: Random) -> None:
    history = consumer.history(draw)
    once = view_after(consumer, [numbered(history)])
    places = sorted(draw.sample(range(len(history) + 1), 2), reverse=True)
    for place in places:
        history.insert(place, consumer.poison(f"bad-{place}", place * STEP + STEP // 2))
    records = numbered(history)
    poison = [sequence_number_of(records[place + shift]) for shift, place in enumerate(reversed(places))]

    consumer.begin()
    response = consumer.deliver(records)

    assert (stops_at(response), response["failure"]["kind"]) == (poison[0], "poison")
    assert consumer.stops_at_a_failure or consumer.snapshot() == once
    assert consumer.given_up(records) == poison
    assert consumer.snapshot() == once


def view_after(consumer: Consumer, batches: Sequence[Sequence[Json]]) -> Any:
    """A new view, after batches of which each has to succeed."""
    consumer.begin()
    stops = [stops_at(consumer.deliver(batch)) for batch in batches]
    assert stops == [None] * len(batches)
    return consumer.snapshot()


def assert_that_redelivery_completes_the_view(
    consumer: Consumer, records: Sequence[Json], response: Json, complete: object
) -> None:
    """Below the record that was reported nothing is missing, and delivery from it on brings what is."""
    stopped = stops_at(response)
    done = [record for record in records if stopped is None or int(sequence_number_of(record)) < int(stopped)]
    view = consumer.snapshot()
    consumer.deliver(done)
    assert consumer.snapshot() == view
    consumer.deliver(records[len(done) :])
    assert consumer.snapshot() == complete


class Expiring(Context):
    """An invocation whose time is up after so many looks at the clock."""

    def __init__(self, looks: int) -> None:
        super().__init__()
        self.looks = looks

    def get_remaining_time_in_millis(self) -> int:
        self.looks -= 1
        return 60_000 if self.looks >= 0 else int(ANSWER_SECONDS * 1000)
