"""What a replay and a backfill do to each view: in any order with live changes, it ends as if they had never been."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib import import_module
from itertools import batched
from random import Random
from typing import Any

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from builders import CHANGE_STREAM_ARN, ROLE_ARN, TABLE, TABLE_STREAM_ARN, task
from changestream.aws import clients
from changestream.core.change import Change
from changestream.core.errors import ChangestreamError
from changestream.wire import kinesis_capture
from conftest import CREDENTIALS
from contracts.consumer import STEP, Consumer, Stream, TaskConsumer, drawn_task, numbered
from contracts.outage import Outage
from contracts.tables import Json, Tables
from functions.record_history.app import revision
from streamctl.replaying.events import CaptureRecords, TableStreamRecords
from streamctl.replaying.history import History
from streamctl.replaying.tables import TableReader

any_history = settings(max_examples=3, deadline=None, derandomize=True, database=None, phases=(Phase.generate,))
draws = st.integers(0, 2**32).map(Random)

OF_CHANGE_STREAM = ["announce_changes", "index_tasks", "measure_changes", "record_history", "replicate_tasks"]
OF_NEWEST_STATE = ["count_tasks", "index_tasks", "replicate_tasks"]
BESIDE_CONTENT = {"watermark", "present"}


@pytest.fixture(scope="module")
def consumer(request: pytest.FixtureRequest, endpoint: str) -> Iterator[Consumer]:
    with pytest.MonkeyPatch.context() as patch:
        for name, value in (CREDENTIALS | {"AWS_ENDPOINT_URL": endpoint}).items():
            patch.setenv(name, value)
        clients.client_in.cache_clear()
        made: Consumer = import_module(f"contracts.consumers.{request.param}").Adapter(
            Tables(clients.client("dynamodb")), Outage(), patch
        )
        yield made
        made.settings()
    clients.client_in.cache_clear()


@any_history
@given(draw=draws)
@pytest.mark.parametrize("consumer", OF_CHANGE_STREAM, indirect=True)
def test_a_replay_changes_nothing_in_a_view_that_is_up_to_date_and_makes_an_empty_one_the_same(
    consumer: Consumer, draw: Random
) -> None:
    consumer.begin()
    records = numbered(consumer.history(draw))
    consumer.deliver(records)
    up_to_date = consumer.snapshot()

    replayed = replayed_from_history(consumer, [kinesis_capture.change(record) for record in records])
    for batch in batched(replayed, 3, strict=False):
        consumer.deliver(batch)

    assert consumer.snapshot() == up_to_date

    consumer.begin()
    for batch in batched(replayed, 3, strict=False):
        consumer.deliver(batch)

    assert consumer.snapshot() == up_to_date


@pytest.mark.parametrize("consumer", ["announce_changes"], indirect=True)
def test_a_replay_announces_nothing_that_was_announced_and_all_that_was_not(consumer: Any) -> None:
    consumer.begin()
    changes = [consumer.change(at, task("task-1", status=status)) for at, status in enumerate(("open", "done"))]
    records = numbered(changes)
    consumer.deliver(records[:1])
    announced = len(consumer.snapshot())

    replayed = replayed_from_history(consumer, [kinesis_capture.change(record) for record in records])
    consumer.deliver(replayed)

    (new,) = consumer.sqs.receive_message(QueueUrl=consumer.queue, MaxNumberOfMessages=10)["Messages"]
    assert announced == 1
    assert json.loads(new["Body"])["to"] == "done"


@any_history
@given(draw=draws)
@pytest.mark.parametrize("consumer", OF_NEWEST_STATE, indirect=True)
def test_a_backfill_beside_live_changes_ends_in_the_view_of_one_that_ran_from_the_beginning(
    consumer: TaskConsumer, draw: Random
) -> None:
    writes = drawn_writes(draw)
    consumer.begin()
    consumer.deliver(numbered([write.change_of(consumer) for write in writes]))
    from_the_beginning = content(consumer.snapshot())

    consumer.begin()
    mapped_at = draw.randrange(len(writes))
    live = list(enumerate(writes))[mapped_at:]
    inserted = items_as_read(consumer, draw, writes, mapped_at)
    for delivery in interleaved(draw, [[write.change_of(consumer)(n)] for n, write in live], inserted):
        assert consumer.deliver(delivery)["batchItemFailures"] == []

    assert content(consumer.snapshot()) == from_the_beginning


@dataclass(frozen=True, slots=True)
class Write:
    """What a write of the table changed."""

    at: int
    name: str
    new: Json | None
    old: Json | None

    def change_of(self, consumer: TaskConsumer) -> Any:
        return consumer.change(self.at, self.new, self.old)


def drawn_writes(draw: Random) -> list[Write]:
    """Writes of a few tasks, of which some are removed and some come back."""
    items: dict[str, Json | None] = {}
    writes = []
    for number in range(1, draw.randint(4, 14)):
        name = f"task-{draw.randrange(4)}"
        old = items.get(name)
        items[name] = None if old and draw.random() < 0.4 else drawn_task(draw, name)
        writes.append(Write(number * STEP, name, items[name], old))
    return writes


def items_as_read(consumer: Consumer, draw: Random, writes: Sequence[Write], mapped_at: int) -> list[list[Json]]:
    """The items of a scan, each as it was at some moment since the mapping ran: a scan is none of one moment."""
    records = (
        TableStreamRecords(TABLE, TABLE_STREAM_ARN, "NEW_AND_OLD_IMAGES")
        if consumer.stream is Stream.TABLE
        else CaptureRecords(TABLE, CHANGE_STREAM_ARN, ROLE_ARN)
    )
    found = []
    for number, name in enumerate(sorted({write.name for write in writes}), start=1):
        before = [write for write in writes[: draw.randint(mapped_at, len(writes))] if write.name == name]
        if before and (item := before[-1].new):
            keys = {key: item[key] for key in ("listId", "taskId")}
            found.append(dict(records.of_item(number, keys, item, 0.0)))
    return [list(batch) for batch in batched(found, 2, strict=False)]


def interleaved(draw: Random, live: list[list[Json]], inserted: list[list[Json]]) -> Iterator[list[Json]]:
    """Both in their order, one among the other."""
    while live or inserted:
        yield (live if live and (not inserted or draw.random() < 0.5) else inserted).pop(0)


def content(snapshot: Any) -> Any:
    """A view without what nobody sees of it: tombstones, and by which change a row was written."""
    if isinstance(snapshot, dict):
        return {name: content(value) for name, value in snapshot.items() if name not in BESIDE_CONTENT}
    rows = [{name: row[name] for name in row if name not in BESIDE_CONTENT} for row in snapshot if not is_gone(row)]
    return sorted(rows, key=repr)


def is_gone(row: Json) -> bool:
    is_tombstone = row.keys() <= {"listId", "taskId", "watermark", "deleted"} or row.get("deleted") is True
    return is_tombstone or row.get("present") == {"BOOL": False}


def replayed_from_history(consumer: Consumer, changes: Sequence[Change]) -> list[Json]:
    """What comes out of a history that these changes were recorded in."""
    client = consumer.tables.client
    table = consumer.tables.create("task", "revision")
    for change in changes:
        client.put_item(TableName=table, Item=dict(revision(change)))
    tasks_table = str(changes[0].table)
    history = History(TableReader(client, table), tasks_table)
    records = CaptureRecords(tasks_table, CHANGE_STREAM_ARN, ROLE_ARN)
    found = []
    for key, recorded in history.changes(history.between(0, 10**16, 1)):
        assert not isinstance(recorded, ChangestreamError)
        found.append(dict(records.of_change(key.number, recorded)))
    return found
