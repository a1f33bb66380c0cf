"""Which objects are read as failed batches, and for which messages: over a bucket in memory."""

import json
from typing import Any

import pytest

from builders import TABLE_SHARD, failure_message, sequence_number, table_record, task
from changestream.core.errors import MalformedMessage
from changestream.core.failed_batch import Damaged
from changestream.recovery.failed_batches import LONGEST_CONTENT, FailedBatches, GivenUp
from changestream.wire.envelope import Enclosed, StoredObject
from simulation.memory_aws import Answer, Call, MemoryAws

Json = dict[str, Any]

BUCKET = "failed"
KEY = f"aws/lambda/6f6e1b9a-7a2b/{TABLE_SHARD}/2026/01/01/2026-01-01T00.01.00-a1b2"
RECORDS = [table_record(n, task(f"task-{n}")) for n in (11, 12, 13)]


def message(start: int = 11, end: int = 13, **replaced: Any) -> Json:
    return failure_message(sequence_number(start), sequence_number(end), batch_size=end - start + 1, **replaced)


KEPT = message() | {"payload": json.dumps({"Records": RECORDS})}


class Kept:
    """A bucket of failed batches, and the reader of it; notes what was read."""

    def __init__(self) -> None:
        self.calls: list[Call] = []
        self.client = MemoryAws(lambda: 0.0, self).client("s3")
        self.client.create_bucket(Bucket=BUCKET)
        self.batches = FailedBatches(self.client, BUCKET)
        self.put(KEPT)

    def around(self, call: Call, carry_out: Any) -> Answer:
        self.calls.append(call)
        answer: Answer = carry_out()
        return answer

    def put(self, kept: Json | str, key: str = KEY) -> None:
        body = kept if isinstance(kept, str) else json.dumps(kept)
        self.client.put_object(Bucket=BUCKET, Key=key, Body=body)

    def whole(self, key: str = KEY, bucket: str = BUCKET) -> GivenUp:
        return self.batches.read(Enclosed(stored=StoredObject(bucket, key)))

    def part(self, text: Json, key: str = KEY) -> GivenUp:
        return self.batches.read(Enclosed(json.dumps(text), StoredObject(BUCKET, key)))


@pytest.fixture
def kept() -> Kept:
    return Kept()


def test_a_batch_is_read_with_its_payload_and_so_is_a_part_of_it(kept: Kept) -> None:
    assert kept.whole().batch.payload == RECORDS
    assert kept.part(message(12)).batch.payload == RECORDS[1:]


NO_KEYS_OF_A_MAPPING = [
    "notes.json",
    "aws/lambda/mapping/shardId-1/one",
    f"x/{KEY}",
    f"{KEY}/../b",
    f"{KEY}\n",
    KEY.replace("6f6e1b9a-7a2b", ".."),
    KEY.replace(TABLE_SHARD, ""),
    KEY.replace(TABLE_SHARD, "a/b"),
    KEY.replace("2026/01/01", "2026//01"),
    KEY.replace("2026/01/01", "2026/01/02"),
]


@pytest.mark.parametrize("key", NO_KEYS_OF_A_MAPPING)
def test_an_object_under_a_key_that_no_mapping_writes_is_not_read(kept: Kept, key: str) -> None:
    kept.put(KEPT, key)

    with pytest.raises(MalformedMessage, match="has no key that a mapping writes"):
        kept.whole(key)
    with pytest.raises(MalformedMessage, match="has no key that a mapping writes"):
        kept.part(message(12), key)

    assert "get_object" not in [call.operation for call in kept.calls]


def test_an_object_of_another_bucket_is_not_read(kept: Kept) -> None:
    with pytest.raises(MalformedMessage, match="is not in failed"):
        kept.whole(bucket="parked")

    assert "get_object" not in [call.operation for call in kept.calls]


def test_an_object_whose_message_is_about_another_shard_than_its_key_is_refused(kept: Kept) -> None:
    kept.put(message(shard_id="shardId-another") | {"payload": KEPT["payload"]})

    with pytest.raises(MalformedMessage, match="about the shard shardId-another, and its key names another"):
        kept.whole()


def test_a_message_about_another_shard_than_the_key_that_it_names_gets_no_object_read(kept: Kept) -> None:
    with pytest.raises(MalformedMessage, match="about the shard shardId-another, and its key names another"):
        kept.part(message(12, shard_id="shardId-another"))

    assert "get_object" not in [call.operation for call in kept.calls]


@pytest.mark.parametrize(
    "forged",
    [
        message(function="another"),
        message(stream_arn="arn:aws:dynamodb:eu-west-1:123456789012:table/Other/stream/2026-01-01T00:00:00.000"),
        message(10),
        message(12, 14),
    ],
    ids=["function", "stream", "start", "end"],
)
def test_a_message_gets_no_payload_of_another_batch(kept: Kept, forged: Json) -> None:
    with pytest.raises(MalformedMessage, match="is about another batch"):
        kept.part(forged)


def test_a_part_whose_object_is_no_failed_batch_any_more_is_left_to_its_stream(kept: Kept) -> None:
    kept.put("notes")

    assert isinstance(kept.part(message(12)).batch.payload, Damaged)


def test_of_an_object_that_is_no_failed_batch_the_beginning_is_parked(kept: Kept) -> None:
    kept.put("x" * 2 * LONGEST_CONTENT)

    with pytest.raises(MalformedMessage) as caught:
        kept.whole()

    assert caught.value.found["content"] == "x" * LONGEST_CONTENT
