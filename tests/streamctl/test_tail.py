"""The changes of a stream as they come."""

from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import islice
from typing import Any
from uuid import uuid4

import pytest

from builders import task
from streamctl.exits import Exit
from streamctl.reading.following import Follow, Start
from streamctl.reading.streams import StreamName, stream_of
from streamctl.sought import moment
from streamctl.stack import Stack, Target
from streamctl.words import clock_time

from .world import Deployed

FAST = ("--rate", "1000")
"""Nobody else reads the streams here."""


def a_list() -> str:
    return f"list-{uuid4().hex[:8]}"


@pytest.mark.parametrize("stream", ["table", "changes"])
def test_changes_are_shown_in_order_with_what_changed(deployed: Deployed, stream: str) -> None:
    list_id = a_list()
    deployed.write(task(list_id=list_id), task(list_id=list_id, status="done"))
    deployed.delete(task(list_id=list_id))

    said = deployed.streamctl("tail", stream, "--horizon", "--no-follow", *FAST, "--key", f"{list_id}/*")

    assert said.code == Exit.FINE
    assert [line.split()[1] for line in said.out.splitlines()] == ["INSERT", "MODIFY", "REMOVE"]
    assert "status open > done" in said.out


def test_filters_leave_only_what_is_sought(deployed: Deployed) -> None:
    list_id = a_list()
    deployed.write(task("task-1", list_id), task("task-2", list_id, "done"), task("task-1", list_id, "in_progress"))

    def sought(*filters: str) -> list[str]:
        of_list = ("--where", f"listId={list_id}")
        arguments = ("tail", "changes", "--horizon", "--no-follow", *FAST, "--json", *of_list, *filters)
        return [f"{each['kind']} {each['key']}" for each in deployed.streamctl(*arguments).lines]

    assert sought("--kind", "MODIFY") == [f"MODIFY {list_id}/task-1"]
    assert sought("--key", "task-2") == [f"INSERT {list_id}/task-2"]
    assert sought("--where", "status=done") == [f"INSERT {list_id}/task-2"]
    assert sought("--changed", "status", "--kind", "MODIFY") == [f"MODIFY {list_id}/task-1"]
    assert len(sought("--limit", "2")) == 2


def test_a_record_that_nobody_understands_is_shown_as_poison(deployed: Deployed) -> None:
    deployed.client("kinesis").put_record(
        StreamName=deployed.outputs["ChangeStreamName"], PartitionKey="a", Data=b"no change"
    )

    said = deployed.streamctl("tail", "changes", "--horizon", "--no-follow", *FAST)

    assert said.code == Exit.FINE
    assert any("poison" in line for line in said.out.splitlines())


def test_following_goes_on_in_the_children_of_a_split_and_leaves_nothing_out(deployed: Deployed) -> None:
    name = f"followed-{uuid4().hex[:8]}"
    kinesis = deployed.client("kinesis")
    kinesis.create_stream(StreamName=name, ShardCount=1)
    (root,) = kinesis.list_shards(StreamName=name)["Shards"]
    stack = Stack(Target(deployed.name, endpoint=deployed.endpoint))
    ledger = stream_of(stack, StreamName.LEDGER)
    stream = type(ledger)(ledger.name, ledger.kind, ledger.arn.replace(deployed.outputs["LedgerStreamName"], name), "")
    steps = iter(_put_then_split_then_put(kinesis, name, root["ShardId"]))

    pages = Follow(stack, stream, Start(), pause=lambda _: next(steps)).pages()
    found = [(shard, record) for shard, records in islice(pages, 3) for record in records]

    assert len({shard for shard, _ in found}) >= 2
    assert len(found) >= 3


def _put_then_split_then_put(kinesis: Any, name: str, shard_id: str) -> Iterator[None]:
    """What happens beside the reader, one step in each of its pauses."""
    kinesis.put_record(StreamName=name, PartitionKey="a", Data=b"1")
    yield
    kinesis.split_shard(StreamName=name, ShardToSplit=shard_id, NewStartingHashKey=str(2**127))
    kinesis.put_record(StreamName=name, PartitionKey="x", Data=b"2", ExplicitHashKey="0")
    kinesis.put_record(StreamName=name, PartitionKey="y", Data=b"3", ExplicitHashKey=str(2**127))
    yield
    while True:
        yield


def test_ctrl_c_is_the_end_and_no_failure(deployed: Deployed, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: object, **__: object) -> Iterator[Any]:
        raise KeyboardInterrupt
        yield

    monkeypatch.setattr(Follow, "pages", interrupted)

    said = deployed.streamctl("tail")

    assert said.code == Exit.FINE
    assert said.err == ""


def test_times_are_understood_as_people_write_them() -> None:
    now = 1_000_000.0

    assert moment("90s", now) == now - 90
    assert moment("2h", now) == now - 7200
    assert moment("1970-01-02T00:00:00", now) == moment("1970-01-02T01:00:00+01:00", now) == 86_400


@pytest.mark.parametrize("wrong", [["--since", "yesterday"], ["--where", "status"], ["--kind", "UPSERT"], ["orders"]])
def test_what_is_not_understood_is_a_wrong_use(deployed: Deployed, wrong: list[str]) -> None:
    said = deployed.streamctl("tail", *wrong)

    assert said.code == Exit.USAGE
    assert "Invalid value" in said.err


def test_a_time_of_another_day_carries_its_date() -> None:
    midnight = datetime(2026, 11, 21, tzinfo=UTC).timestamp()

    assert clock_time(midnight + 1, now=midnight + 86_399) == "00:00:01.000Z"
    assert clock_time(midnight - 1, now=midnight) == "2026-11-20 23:59:59.000Z"
    assert clock_time(midnight + 86_400, now=midnight) == "2026-11-22 00:00:00.000Z"


def test_brackets_in_a_key_stand_for_themselves(deployed: Deployed) -> None:
    list_id = f"{a_list()}[ab]"
    deployed.write(task(list_id=list_id), task(list_id=list_id.replace("[ab]", "a")))

    said = deployed.streamctl("tail", "changes", "--horizon", "--no-follow", "--json", "--key", f"{list_id}/task-?")

    assert [each["key"] for each in said.lines] == [f"{list_id}/task-1"]
