"""How often a follower reads each shard, counted in virtual time."""

from collections import defaultdict
from collections.abc import Mapping
from datetime import UTC, datetime
from itertools import pairwise
from typing import Any, cast

import pytest
from botocore.exceptions import ClientError

from builders import CHANGE_STREAM_ARN
from changestream.core.failed_batch import StreamKind
from streamctl.exits import Exit
from streamctl.reading.following import Follow, Start
from streamctl.reading.streams import Stream, StreamName
from streamctl.stack import Stack

from .world import Deployed, streamctl

SHARDS = ("shardId-0", "shardId-1", "shardId-2")
SECONDS = 60.0
ARRIVED = datetime(2026, 11, 21, tzinfo=UTC)


class OverLater(Exception):
    """Virtual time is over."""


class Time:
    """A clock that only a pause moves."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.ends = self.now + SECONDS

    def clock(self) -> float:
        return self.now

    def pause(self, seconds: float) -> None:
        assert seconds > 0
        self.now += seconds
        if self.now > self.ends:
            raise OverLater


class Busy:
    """Both stream services: every page is full, and never the last."""

    def __init__(self, time: Time, throttle_every: int = 0) -> None:
        self.reads: Mapping[str, list[float]] = defaultdict(list)
        self._time = time
        self._throttle_every = throttle_every

    def client(self, _: str) -> "Busy":
        return self

    def list_shards(self, **_: Any) -> Any:
        numbers = {"StartingSequenceNumber": "1"}
        hashes = {"StartingHashKey": "0", "EndingHashKey": "1"}
        return {"Shards": [{"ShardId": i, "SequenceNumberRange": numbers, "HashKeyRange": hashes} for i in SHARDS]}

    def describe_stream(self, **_: Any) -> Any:
        return {"StreamDescription": self.list_shards()}

    def get_shard_iterator(self, ShardId: str, **_: Any) -> Any:  # noqa: N803 - AWS's name
        return {"ShardIterator": ShardId}

    def get_records(self, ShardIterator: str, **_: Any) -> Any:  # noqa: N803 - AWS's name
        self.reads[ShardIterator].append(self._time.now)
        if self._throttle_every and len(self.reads[ShardIterator]) % self._throttle_every == 0:
            error = {"Error": {"Code": "ProvisionedThroughputExceededException"}}
            raise ClientError(cast(Any, error), "GetRecords")
        record = {
            "SequenceNumber": "1",
            "PartitionKey": "a",
            "Data": b"x",
            "ApproximateArrivalTimestamp": ARRIVED,
            **dict.fromkeys(("eventID", "eventName", "eventVersion", "eventSource", "awsRegion"), "of the record"),
            "dynamodb": {"SequenceNumber": "1", "ApproximateCreationDateTime": ARRIVED},
        }
        return {"Records": [record] * 100, "NextShardIterator": ShardIterator, "MillisBehindLatest": 60_000}


def read(kind: StreamKind, busy: Busy, time: Time, **options: Any) -> None:
    stream = Stream(StreamName.TABLE, kind, CHANGE_STREAM_ARN, "Stream")
    follow = Follow(cast(Stack, busy), stream, Start(horizon=True), pause=time.pause, clock=time.clock, **options)
    with pytest.raises(OverLater):
        for _ in follow.pages():
            pass


@pytest.mark.parametrize("kind", StreamKind)
def test_full_pages_are_read_once_a_second_a_shard(kind: StreamKind) -> None:
    time = Time()
    busy = Busy(time)

    read(kind, busy, time)

    assert set(busy.reads) == set(SHARDS)
    for times in busy.reads.values():
        assert SECONDS - 1 <= len(times) <= SECONDS + 1
        assert all(later - earlier >= 1 for earlier, later in pairwise(times))


def test_a_throttled_shard_is_left_alone_for_longer() -> None:
    time = Time()
    busy = Busy(time, throttle_every=2)

    read(StreamKind.KINESIS, busy, time)

    gaps = {later - earlier for times in busy.reads.values() for earlier, later in pairwise(times)}
    assert gaps == {1.0, 2.0}


def test_a_rate_is_that_of_each_shard() -> None:
    time = Time()
    busy = Busy(time)

    read(StreamKind.KINESIS, busy, time, reads_per_second=10)

    assert all(10 * SECONDS - 10 <= len(times) <= 10 * SECONDS + 10 for times in busy.reads.values())


def test_more_than_one_read_a_second_is_for_local_endpoints(deployed: Deployed) -> None:
    on_aws = streamctl("tail", "--rate", "2", "--region", "eu-west-1")
    local = deployed.streamctl("tail", "changes", "--rate", "2", "--no-follow")

    assert on_aws.code == Exit.USAGE
    assert "more than 1 read a second of each shard is for local endpoints" in on_aws.err
    assert local.code == Exit.FINE


@pytest.mark.parametrize("rate", ["0", "-1", "nan", "inf"])
def test_a_rate_that_is_none_is_a_wrong_use(deployed: Deployed, rate: str) -> None:
    assert deployed.streamctl("tail", f"--rate={rate}").code == Exit.USAGE
