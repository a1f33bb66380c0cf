"""Enhanced fan-out: consumers are registered, and records are pushed to them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from local_aws import fan_out
from served_aws import Aws


@pytest.fixture
def stream(aws: Aws) -> str:
    return aws.kinesis_stream()


@pytest.fixture
def consumer(aws: Aws, stream: str) -> str:
    registered = aws.client("kinesis").register_stream_consumer(StreamARN=stream, ConsumerName="projection")
    return str(registered["Consumer"]["ConsumerARN"])


def subscribed(aws: Aws, consumer: str, shard: int = 0, **position: Any) -> Any:
    """The event stream of a subscription from the horizon, or from another position."""
    return aws.client("kinesis").subscribe_to_shard(
        ConsumerARN=consumer,
        ShardId=f"shardId-{shard:012d}",
        StartingPosition={"Type": "TRIM_HORIZON"} | position,
    )["EventStream"]


def put(aws: Aws, stream: str, *words: str) -> list[str]:
    """Put a record of each word; answer their sequence numbers."""
    kinesis = aws.client("kinesis")
    return [
        kinesis.put_record(StreamARN=stream, PartitionKey="one", Data=word.encode())["SequenceNumber"] for word in words
    ]


def pushed(events: Iterator[dict[str, Any]], count: int) -> list[str]:
    """The words of the next records."""
    words: list[str] = []
    while len(words) < count:
        words += [record["Data"].decode() for record in next(events)["SubscribeToShardEvent"]["Records"]]
    return words


def test_a_consumer_gets_what_there_is_and_what_comes(aws: Aws, stream: str, consumer: str) -> None:
    put(aws, stream, "a", "b")
    events = subscribed(aws, consumer)
    iterator = iter(events)

    there = pushed(iterator, 2)
    put(aws, stream, "c")
    then = pushed(iterator, 1)
    events.close()

    assert there == ["a", "b"]
    assert then == ["c"]


def test_a_subscription_begins_behind_a_sequence_number(aws: Aws, stream: str, consumer: str) -> None:
    first, _ = put(aws, stream, "a", "b")

    events = subscribed(aws, consumer, Type="AFTER_SEQUENCE_NUMBER", SequenceNumber=first)

    assert pushed(iter(events), 1) == ["b"]
    events.close()


def test_each_event_tells_where_to_go_on(aws: Aws, stream: str, consumer: str) -> None:
    (number,) = put(aws, stream, "a")

    events = subscribed(aws, consumer)
    event = next(iter(events))["SubscribeToShardEvent"]
    events.close()

    assert event["ContinuationSequenceNumber"] == number
    assert event["MillisBehindLatest"] == 0


def test_a_shard_that_was_split_ends_with_its_children(aws: Aws, stream: str, consumer: str) -> None:
    put(aws, stream, "a")
    aws.client("kinesis").split_shard(
        StreamARN=stream, ShardToSplit="shardId-000000000000", NewStartingHashKey=str(2**127)
    )

    (event,) = (event["SubscribeToShardEvent"] for event in subscribed(aws, consumer))

    assert "ContinuationSequenceNumber" not in event
    assert [child["ShardId"] for child in event["ChildShards"]] == ["shardId-000000000001", "shardId-000000000002"]


def test_a_second_subscription_is_refused_at_first(aws: Aws, stream: str, consumer: str) -> None:
    kinesis, first = aws.client("kinesis"), subscribed(aws, consumer)

    with pytest.raises(kinesis.exceptions.ResourceInUseException, match="Another active subscription"):
        subscribed(aws, consumer)

    first.close()


def test_a_later_subscription_ends_the_earlier_one(
    aws: Aws, stream: str, consumer: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    earlier = subscribed(aws, consumer)
    monkeypatch.setattr(fan_out, "AGAIN_SECONDS", 0.0)
    later = subscribed(aws, consumer)

    put(aws, stream, "a")

    assert [event["SubscribeToShardEvent"]["Records"] for event in earlier] in ([], [[]])
    assert pushed(iter(later), 1) == ["a"]
    later.close()


def test_a_consumer_that_is_not_registered_is_refused(aws: Aws, stream: str, consumer: str) -> None:
    kinesis = aws.client("kinesis")
    kinesis.deregister_stream_consumer(StreamARN=stream, ConsumerName="projection")

    with pytest.raises(kinesis.exceptions.ResourceNotFoundException):
        subscribed(aws, consumer)

    assert kinesis.list_stream_consumers(StreamARN=stream)["Consumers"] == []
