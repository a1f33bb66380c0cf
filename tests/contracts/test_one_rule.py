"""One rule says what a task is: what it takes, every consumer applies, and what it refuses, none."""

from random import Random
from typing import Any

import pytest
from hypothesis import strategies as st

from attribute_values import odd_tasks
from builders import keys_of
from changestream.core.batch import LONGEST_REASON
from changestream.core.errors import PoisonRecord
from changestream.wire.item import checked_item
from changestream.wire.item_size import require_size
from contracts.consumer import STEP, CaptureConsumer, Consumer, Json, TaskConsumer, numbered, sequence_number_of
from contracts.examples import draws, for_any
from input_times import bounded
from invocations import stops_at
from mutations import fuzzed
from tasks.task import task_from_image


def is_item(item: Json) -> bool:
    try:
        checked_item(item, "NewImage")
        require_size(item, "NewImage")
    except PoisonRecord:
        return False
    return True


def is_taken(item: Json) -> bool:
    try:
        return is_item(item) and bool(task_from_image(item))
    except PoisonRecord:
        return False


@for_any(lambda examples: fuzzed(4 * examples), item=odd_tasks, draw=draws)
def test_either_every_consumer_applies_a_task_or_every_consumer_refuses_it(
    consumer: Consumer, item: Json, draw: Random
) -> None:
    if not isinstance(consumer, TaskConsumer):
        pytest.skip("it is not a consumer of tasks")
    history = consumer.history(draw)
    records = numbered([*history, consumer.change(100 * STEP, item)])
    consumer.begin()
    consumer.stands(item if is_item(item) else keys_of(item))

    with bounded(item):
        response = consumer.deliver(records)

    if is_taken(item) or not consumer.reads_new_images:
        assert stops_at(response) is None
    else:
        assert stops_at(response) == sequence_number_of(records[-1])
        assert response["failure"]["kind"] == "poison"
        assert len(response["failure"].get("reason", "")) <= LONGEST_REASON + 40


OF_ANOTHER_TABLE: st.SearchStrategy[Any] = st.sampled_from(
    [
        {
            "ApproximateCreationDateTime": 1731924555370,
            "Keys": {"id": {"S": "record-1"}},
            "NewImage": {"id": {"S": "1"}},
        },
        {"Keys": {}},
        {},
        None,
    ]
)


@for_any(lambda examples: fuzzed(2 * examples), body=OF_ANOTHER_TABLE, draw=draws)
def test_a_record_of_another_table_is_passed_over_by_every_consumer_of_the_stream(
    consumer: Consumer, body: Any, draw: Random
) -> None:
    if not isinstance(consumer, CaptureConsumer):
        pytest.skip("its stream is not shared")
    history = consumer.history(draw)
    consumer.begin()
    consumer.deliver(numbered(history))
    once = consumer.snapshot()

    consumer.begin()
    with bounded(body):
        response = consumer.deliver(numbered([*history, consumer.foreign(body)]))

    assert stops_at(response) is None
    assert consumer.snapshot() == once
