"""Enhanced fan-out over boto3: what SubscribeToShard pushes, renewed when Kinesis ends it."""

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from botocore.exceptions import ClientError
from urllib3.exceptions import ProtocolError

from event_source_mapping import Page, Position, PositionType, ShardNotFound, SourceError
from event_source_mapping.aws import CallThreads, KinesisSource
from event_source_mapping.positions import TRIM_HORIZON
from event_source_mapping.rehearsal import CONSUMER_ARN, DATA_STREAM_ARN

SHARD = "shardId-000000000000"


class PushingKinesis:
    """A client whose subscriptions give the events that were scripted, one list after the other."""

    def __init__(self, *subscriptions: list[Any]) -> None:
        self.asked: list[dict[str, Any]] = []
        self._subscriptions = iter(subscriptions)

    def subscribe_to_shard(self, **request: Any) -> dict[str, Any]:
        self.asked.append(request)
        return {"EventStream": self._events(next(self._subscriptions))}

    def _events(self, scripted: list[Any]) -> Iterator[dict[str, Any]]:
        for event in scripted:
            if isinstance(event, Exception):
                raise event
            if isinstance(event, str):
                raise refusal(event)
            yield {"SubscribeToShardEvent": event}

    def get_shard_iterator(self, **_: Any) -> dict[str, Any]:
        return {"ShardIterator": "polled"}


def refusal(code: str) -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": "no"}}, "SubscribeToShard")


def event(*numbers: str, going_on: str | None = "9", behind: int = 0) -> dict[str, Any]:
    moment = datetime(2026, 1, 1, tzinfo=UTC)
    records = [
        {"SequenceNumber": number, "PartitionKey": "k", "Data": b"x", "ApproximateArrivalTimestamp": moment}
        for number in numbers
    ]
    pushed: dict[str, Any] = {"Records": records, "MillisBehindLatest": behind}
    return pushed | ({"ContinuationSequenceNumber": going_on} if going_on else {})


@pytest.fixture
def calls() -> Iterator[CallThreads]:
    calls = CallThreads(2)
    yield calls
    calls.close()


def read(kinesis: Any, calls: CallThreads, times: int, position: Position = TRIM_HORIZON) -> list[Page]:
    source = KinesisSource(kinesis, CONSUMER_ARN, "role", calls)

    async def pages() -> list[Page]:
        iterator = await source.iterator(SHARD, position)
        return [await source.read(iterator, source.page_limit) for _ in range(times)]

    assert source.arn == DATA_STREAM_ARN
    return asyncio.run(pages())


def test_events_are_pages_that_need_no_pause_between_them(calls: CallThreads) -> None:
    kinesis = PushingKinesis([event("1", "2", behind=5), event()])

    first, second = read(kinesis, calls, 2)

    assert [record["kinesis"]["sequenceNumber"] for record in first.records] == ["1", "2"]
    assert first.records[0]["eventID"] == f"{SHARD}:1"
    assert (first.more, first.waited) == (True, True)
    assert (second.records, second.more, second.waited) == ([], False, True)


def test_a_subscription_that_has_ended_is_renewed_where_it_ended(calls: CallThreads) -> None:
    kinesis = PushingKinesis([event("1", going_on="17")], [event("18")])

    pages = read(kinesis, calls, 2)

    assert [len(page.records) for page in pages] == [1, 1]
    assert [asked["StartingPosition"] for asked in kinesis.asked] == [
        {"Type": "TRIM_HORIZON"},
        {"Type": "AFTER_SEQUENCE_NUMBER", "SequenceNumber": "17"},
    ]


def test_an_event_that_says_not_where_to_go_on_ends_the_shard(calls: CallThreads) -> None:
    (page,) = read(PushingKinesis([event("1", going_on=None)]), calls, 1)

    assert page.next_iterator is None
    assert len(page.records) == 1


def test_a_subscription_may_begin_at_a_moment(calls: CallThreads) -> None:
    kinesis = PushingKinesis([event()])

    read(kinesis, calls, 1, Position(PositionType.AT_TIMESTAMP, timestamp=0.0))

    assert kinesis.asked[0]["StartingPosition"] == {
        "Type": "AT_TIMESTAMP",
        "Timestamp": datetime(1970, 1, 1, tzinfo=UTC),
    }


@pytest.mark.parametrize("error", [ProtocolError("broken off"), ConnectionResetError("reset")])
def test_a_connection_that_breaks_amid_events_is_trouble_that_may_pass(calls: CallThreads, error: Exception) -> None:
    with pytest.raises(SourceError):
        read(PushingKinesis([error]), calls, 1)


def test_an_error_of_ours_is_not_taken_for_trouble_of_the_source(calls: CallThreads) -> None:
    with pytest.raises(KeyError):
        read(PushingKinesis([KeyError("Records")]), calls, 1)


@pytest.mark.parametrize(
    ("code", "expected"), [("ResourceNotFoundException", ShardNotFound), ("InternalFailureException", SourceError)]
)
def test_a_subscription_that_breaks_off_says_why(calls: CallThreads, code: str, expected: type[SourceError]) -> None:
    with pytest.raises(expected):
        read(PushingKinesis([code]), calls, 1)


def test_a_refusal_of_kinesis_is_trouble_that_may_pass_and_any_other_means_polling(calls: CallThreads) -> None:
    class Refusing(PushingKinesis):
        code = "ResourceInUseException"

        def subscribe_to_shard(self, **_: Any) -> dict[str, Any]:
            raise refusal(self.code)

    kinesis = Refusing()
    source = KinesisSource(kinesis, CONSUMER_ARN, "role", calls)

    with pytest.raises(SourceError):
        asyncio.run(source.iterator(SHARD, TRIM_HORIZON))
    kinesis.code = "UnknownOperationException"
    iterator = asyncio.run(source.iterator(SHARD, TRIM_HORIZON))

    assert iterator == "polled"
