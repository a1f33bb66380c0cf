"""Messages and parked objects that nobody foresaw: each ends by rule, and the good one beside it is delivered.

Real ones, spoilt, and those that somebody would forge: of any size, depth and number, under any key.
"""

import json
from collections.abc import Iterator
from copy import deepcopy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from builders import bridged_creation, failure_message, kinesis_record, notification, object_created, table_record, task
from input_times import bounded
from memory_recovery import FAILED, MemoryRecovery, in_memory
from mutations import ODD, fuzzed, nested, spoilt

Json = dict[str, Any]

MOST_MESSAGES = 101
"""That one message may become: one for each object of a notification, and a rest."""

HUGE = int("9" * 4300)
KEYS = (
    "gone", "", "..", "aws/lambda/../x", "é" * 600, "\x00", "a//b", "x" * 1025, "aws/lambda/m/s/2026/01/01/x",
)  # fmt: skip


class Scene:
    """A stretch of a table's stream, and the ways that lead to it."""

    def __init__(self, memory: MemoryRecovery) -> None:
        self.memory = memory
        self.arn, self.shard_id, self.numbers = memory.write("a", "b", "c")
        self.key = f"aws/lambda/6f6e1b9a/{self.shard_id}/2026/01/01/2026-01-01T00.01.00-a1b2"
        real = st.sampled_from(self.envelopes())
        kept = self.kept()
        self.bodies = (
            (real | real.flatmap(spoilt)).map(json.dumps)
            | st.sampled_from([json.dumps(one) for one in self.forged()])
            | st.sampled_from(ODD)
        )
        self.objects = (st.just(kept) | spoilt(kept)).map(json.dumps)

    def message(self, first: int = 0, last: int = -1, **replaced: Any) -> Json:
        names = {"function": "consumer", "stream_arn": self.arn, "shard_id": self.shard_id} | replaced
        return failure_message(self.numbers[first], self.numbers[last], **names)

    def kept(self) -> Json:
        records = [table_record(n, task(f"task-{n}")) for n in range(3)]
        for record, number in zip(records, self.numbers, strict=True):
            record["dynamodb"]["SequenceNumber"] = number
            record["eventSourceARN"] = self.arn
        return self.message(batch_size=3) | {"payload": {"Records": records}}

    def envelopes(self) -> list[Json]:
        plain = self.message(batch_size=3)
        where = {"bucket": FAILED, "key": self.key, "version": None}
        return [
            plain,
            notification(json.dumps(plain)),
            object_created(FAILED, self.key),
            object_created(FAILED, self.key, f"{self.key}-2", "notes"),
            bridged_creation(FAILED, self.key),
            notification(json.dumps(object_created(FAILED, self.key))),
            plain | {"payloadStoredIn": where},
        ]

    def forged(self) -> list[Any]:
        plain = self.message()
        return [
            {"Records": [1] * 100_000},
            {"Records": [{"eventSource": "aws:s3"}] * 200},
            object_created(FAILED, *(f"{self.key}-{n}" for n in range(150))),
            object_created("other", *(f"{self.key}-{n}" for n in range(50))),
            plain | {"payload": self.kept()["payload"]},
            self.message(function="stranger"),
            self.message(shard_id=".."),
            self.message(stream_arn=self.arn.replace("eu-west-1", "us-east-1")),
            self.message(batch_size=HUGE),
            self.message(timestamp="0001-01-01T00:00:00+14:00", arrived="9999-12-31T23:59:59"),
            plain | {"DDBStreamBatchInfo": plain["DDBStreamBatchInfo"] | {"startSequenceNumber": "0"}},
            plain | {"DDBStreamBatchInfo": plain["DDBStreamBatchInfo"] | {"endSequenceNumber": "9" * 129}},
            plain | {"requestContext": plain["requestContext"] | {"approximateInvokeCount": HUGE}},
            *(plain | {"payloadStoredIn": {"bucket": FAILED, "key": key, "version": "v"}} for key in KEYS),
            *(object_created(FAILED, key) for key in KEYS),
            enclosed(plain, 6),
            plain | {"extra": nested(99, "list")},
            plain | {"extra": nested(3000, "list")},
        ]


def enclosed(message: Json, times: int) -> Json:
    return enclosed(notification(json.dumps(message)), times - 1) if times else message


@pytest.fixture(scope="module")
def scene() -> Iterator[Scene]:
    with in_memory() as memory, pytest.MonkeyPatch.context() as patch:
        patch.setattr("changestream.recovery.refetch.EMPTY_PAGES_BORNE", 2)
        yield Scene(memory)


def written(memory: MemoryRecovery) -> list[str]:
    return [key for key in memory.listed() if not key.startswith("parked/") or len(key.encode()) > 1024]


@fuzzed(60)
@given(data=st.data())
def test_a_message_is_recovered_or_parked_or_comes_back_and_becomes_few(scene: Scene, data: st.DataObject) -> None:
    memory = scene.memory
    memory.clear()
    memory.put(scene.key, data.draw(scene.objects).encode(), FAILED)
    body = data.draw(scene.bodies)

    with bounded(body):
        came_back = memory.recover(body, json.dumps(scene.message(0, 0)))

    assert came_back in ([], ["m-0"])
    good = [scene.numbers[0]]
    deliveries = [[record["dynamodb"]["SequenceNumber"] for record in records] for records in memory.deliveries]
    assert good in deliveries
    deliveries.remove(good)
    assert came_back or deliveries or memory.listed() or memory.bodies() or '"Event"' in str(body)
    assert len(memory.bodies()) <= MOST_MESSAGES
    assert written(memory) == []


FIELDS = ("version", "reason", "message", "functionArn", "streamArn", "shardId", "attempts", "parkedAt", "redrive")
ROUNDS = ("rounds", "notBefore", "heldUntil", "heldBy", "lastRoundAt")
VALUES = st.sampled_from((*ODD, -HUGE, HUGE, "9999-12-31T23:59:59+00:00", "0001-01-01T00:00:00+14:00", "2026-01-01"))


@st.composite
def parked_documents(draw: st.DrawFn, originals: list[Json]) -> Any:
    """A parked object with anything in it."""
    document = deepcopy(draw(st.sampled_from(originals)))
    match draw(st.sampled_from(("spoilt", "field", "rounds", "number", "records"))):
        case "spoilt":
            return draw(spoilt(document))
        case "field":
            document["manifest"][draw(st.sampled_from(FIELDS))] = draw(VALUES)
        case "rounds":
            document["manifest"]["redrive"] = draw(st.dictionaries(st.sampled_from(ROUNDS), VALUES, max_size=3))
        case "number":
            record = document["payload"]["Records"][0]
            body, name = (
                (record["dynamodb"], "SequenceNumber")
                if "dynamodb" in record
                else (record["kinesis"], "sequenceNumber")
            )
            body[name] = draw(VALUES)
        case _:
            document["payload"]["Records"] *= draw(st.integers(0, 300))
    return document


FOLDERS = st.sampled_from(
    ("parked", "parked/a", "parked//..", "parked/\x00\n", "parked/" + "é" * 300, "parked/consumer")
)
NAMES = st.sampled_from(("1-1.json", "x", "1.json", "9" * 200, "..", "-", "1-2.expired.json"))


@fuzzed(60)
@given(data=st.data())
def test_a_parked_object_is_delivered_or_left_alone_and_holds_up_no_other(scene: Scene, data: st.DataObject) -> None:
    memory = scene.memory
    memory.clear()
    memory.park(table_record(1, task("task-1")), table_record(2, task("task-2")))
    memory.park(kinesis_record(3, b"{}"))
    originals = memory.documents()
    memory.clear()
    good = memory.park(table_record(9, task("good")))
    bad = f"{data.draw(FOLDERS)}/{data.draw(NAMES)}"
    whole = json.dumps(data.draw(parked_documents(originals))).encode()
    content = whole[: data.draw(st.just(len(whole)) | st.integers(0, len(whole)))]
    memory.put(bad, content)
    event = {"keys": [bad, good]} if data.draw(st.booleans()) else {"prefix": "parked/"}

    with bounded(content):
        report = memory.redrive(event)

    assert good not in memory.listed()
    assert report["applied"] >= 1
    assert memory.listed() or len(memory.deliveries) > 1
    assert json.dumps(report)
    assert written(memory) == []
