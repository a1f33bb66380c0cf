"""What each consumer does with a table's stream of each view type."""

from collections.abc import Set
from random import Random

import pytest

from builders import table_record, task
from changestream.core.errors import UnsuitableStream
from changestream.core.view_type import WITH_NEW_IMAGES, WITH_OLD_IMAGES, ViewType
from contracts.consumer import Consumer, Json, Stream, numbered
from invocations import stops_at

# Powertools' answer to an invocation that raises before it has measured anything.
pytestmark = pytest.mark.filterwarnings("ignore:No application metrics to publish")


@pytest.mark.parametrize("view_type", ViewType)
def test_a_consumer_makes_its_view_of_what_a_stream_carries_or_refuses_the_stream_and_writes_nothing(
    consumer: Consumer, view_type: ViewType
) -> None:
    needed, why, records = needs(consumer)
    consumer.begin()
    empty = consumer.snapshot()

    reduced = [carried_by(view_type, record) for record in records]

    if view_type in needed:
        assert stops_at(consumer.deliver(reduced)) is None
        assert consumer.snapshot() == view_of(consumer, records)
    else:
        with pytest.raises(UnsuitableStream, match=why.format(view_type)):
            consumer.deliver(reduced)
        assert consumer.snapshot() == empty


def needs(consumer: Consumer) -> tuple[Set[ViewType], str, list[Json]]:
    """The view types that a consumer works with, what it says of another, and records of a table's stream."""
    if consumer.stream is Stream.KINESIS:
        return frozenset(), "a record of aws:dynamodb, and this function reads Kinesis", [table_record(1, task())]
    why = "the stream's view type is {}, and this function needs "
    return consumer.function.VIEW_TYPES, why, numbered(consumer.history(Random(1)))


def view_of(consumer: Consumer, records: list[Json]) -> object:
    consumer.begin()
    consumer.deliver(records)
    return consumer.snapshot()


def carried_by(view_type: ViewType, record: Json) -> Json:
    """A record as a stream with that view type has it."""
    images = {"NewImage": view_type in WITH_NEW_IMAGES, "OldImage": view_type in WITH_OLD_IMAGES}
    body = {name: value for name, value in record["dynamodb"].items() if images.get(name, True)}
    return record | {"dynamodb": body | {"StreamViewType": view_type.value}}
