"""Records without the time that the services may leave out."""

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest

from builders import task
from changestream.wire import lambda_event
from streamctl.exits import Exit

from .world import Deployed

Json = dict[str, Any]


@pytest.fixture(autouse=True)
def no_times(monkeypatch: pytest.MonkeyPatch) -> None:
    def without(decode: Callable[..., Json], body: str, name: str) -> Callable[..., Json]:
        def changed(*arguments: Any) -> Json:
            record = decode(*arguments)
            return record | {body: {key: value for key, value in record[body].items() if key != name}}

        return changed

    for function, body, name in (
        ("table_stream_record", "dynamodb", "ApproximateCreationDateTime"),
        ("kinesis_record", "kinesis", "approximateArrivalTimestamp"),
    ):
        monkeypatch.setattr(lambda_event, function, without(getattr(lambda_event, function), body, name))


@pytest.fixture
def key(deployed: Deployed) -> str:
    list_id = f"list-{uuid4().hex[:8]}"
    deployed.write(task(list_id=list_id), task(list_id=list_id, status="done"))
    return f"{list_id}/task-1"


@pytest.mark.parametrize("stream", ["table", "changes"])
def test_tail_shows_records_without_a_time(deployed: Deployed, key: str, stream: str) -> None:
    said = deployed.streamctl("tail", stream, "--since", "1h", "--no-follow", "--rate", "1000", "--key", key, "--json")

    assert (said.code, said.err) == (Exit.FINE, "")
    assert [each["kind"] for each in said.lines] == ["INSERT", "MODIFY"]


def test_explain_shows_the_newest_change_of_an_item(deployed: Deployed, key: str) -> None:
    said = deployed.streamctl("explain", key, "--json")

    assert said.err == ""
    assert said.document["isNewest"] is True
    assert {each["newImage"]["status"]["S"] for each in said.document["records"]} == {"done"}


def test_explain_shows_a_change_that_only_the_stream_of_the_table_has(
    deployed: Deployed, key: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    deployed.deliver("record_history", *deployed.changes(key.partition("/")[0], "changes"))
    number = deployed.changes(key.partition("/")[0])[-1]["sequenceNumber"]

    said = deployed.streamctl("explain", number, "--json")

    assert said.err == ""
    assert [each["sequenceNumber"] for each in said.document["records"]] == [number]
    assert said.document["records"][0]["occurredAt"] is None
    assert deployed.streamctl("explain", number).err == ""
