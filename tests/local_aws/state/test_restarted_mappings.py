"""Mappings of every kind at an endpoint that is killed: at the next one each goes on where it was."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from served_aws import ACCOUNT_ID, REGION, eventually

from .served_state import Endpoint, create_function, serving

pytestmark = pytest.mark.journey

# Tells a file which version saw which record, and what a window ended with.
TELLING = """
import base64, os
def lambda_handler(event, context):
    records = event["Records"]
    names = [base64.b64decode(r["kinesis"]["data"]).decode() if "kinesis" in r else r["body"] for r in records]
    folded = event.get("state", {}).get("names", []) + names
    lines = [f"{context.function_version} {name}" for name in names]
    if event.get("isFinalInvokeForWindow"):
        lines += [f"ended {name}" for name in folded]
    with open(os.environ["SEEN"], "a") as seen:
        seen.write("".join(f"{line}\\n" for line in lines))
    return {"state": {"names": folded}}
"""
STREAMS = ["shared", "paused", "windowed"]


@dataclass
class Restarted:
    """The endpoint after the kill; `mappings` are the UUIDs by what they are."""

    endpoint: Endpoint
    mappings: dict[str, str]
    seen: Callable[[], list[str]]
    queue_url: str

    def put(self, stream: str, text: str) -> None:
        self.endpoint.client("kinesis").put_record(StreamName=stream, PartitionKey="a", Data=text.encode())

    def state(self, mapping: str) -> str:
        described: Any = self.endpoint.client("lambda").get_event_source_mapping(UUID=self.mappings[mapping])
        return str(described["State"])

    def update(self, mapping: str, **changes: Any) -> None:
        self.endpoint.client("lambda").update_event_source_mapping(UUID=self.mappings[mapping], **changes)


@pytest.fixture(scope="module")
def restarted(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Restarted]:
    state, told = tmp_path_factory.mktemp("state"), tmp_path_factory.mktemp("functions") / "seen"
    told.touch()
    with serving(state) as endpoint:
        first = Restarted(endpoint, {}, lambda: told.read_text().splitlines(), "")
        live(first, told)
        endpoint.kill()
    with serving(state) as endpoint:
        first.endpoint = endpoint
        yield first


def live(restarted: Restarted, told: Path) -> None:
    """Map streams and a queue, and have each mapping deliver a first record; pause one and let it fall behind."""
    endpoint = restarted.endpoint
    functions = endpoint.client("lambda")
    create_function(endpoint, "telling", TELLING, told)
    functions.publish_version(FunctionName="telling")
    functions.create_alias(FunctionName="telling", Name="live", FunctionVersion="1")
    for stream in STREAMS:
        endpoint.client("kinesis").create_stream(StreamName=stream, ShardCount=1)
    restarted.queue_url = endpoint.client("sqs").create_queue(QueueName="queue")["QueueUrl"]

    def create(kind: str, source: str, function: str = "telling", **settings: Any) -> None:
        arn = f"arn:aws:{source.replace('/', f':{REGION}:{ACCOUNT_ID}:', 1)}"
        request = {"FunctionName": function, "EventSourceArn": arn} | settings
        restarted.mappings[kind] = functions.create_event_source_mapping(**request)["UUID"]

    start = {"StartingPosition": "TRIM_HORIZON"}
    create("stream", "kinesis/stream/shared", **start)
    create("alias", "kinesis/stream/shared", "telling:live", **start)
    create("paused", "kinesis/stream/paused", **start)
    create("windowed", "kinesis/stream/windowed", TumblingWindowInSeconds=900, **start)
    create("queue", "sqs/queue")
    for stream in STREAMS:
        restarted.put(stream, f"{stream}-1")
    endpoint.client("sqs").send_message(QueueUrl=restarted.queue_url, MessageBody="queue-1")
    expected = {*(f"$LATEST {source}-1" for source in [*STREAMS, "queue"]), "1 shared-1"}
    eventually(lambda: expected <= set(restarted.seen()))
    restarted.update("paused", Enabled=False)
    eventually(lambda: restarted.state("paused") == "Disabled")
    restarted.put("paused", "paused-2")


def delivered(restarted: Restarted, source: str) -> list[str]:
    return [line for line in restarted.seen() if f" {source}-" in line and not line.startswith("ended")]


def test_a_mapping_of_a_data_stream_and_one_of_an_alias_repeat_and_miss_nothing(restarted: Restarted) -> None:
    restarted.put("shared", "shared-2")

    eventually(lambda: {"$LATEST shared-2", "1 shared-2"} <= set(restarted.seen()))
    assert sorted(delivered(restarted, "shared")) == [
        "$LATEST shared-1",
        "$LATEST shared-2",
        "1 shared-1",
        "1 shared-2",
    ]


def test_a_mapping_of_a_queue_goes_on(restarted: Restarted) -> None:
    restarted.endpoint.client("sqs").send_message(QueueUrl=restarted.queue_url, MessageBody="queue-2")

    eventually(lambda: "$LATEST queue-2" in restarted.seen())
    assert delivered(restarted, "queue") == ["$LATEST queue-1", "$LATEST queue-2"]


def test_a_disabled_mapping_stays_so_and_keeps_its_place(restarted: Restarted) -> None:
    eventually(lambda: restarted.state("paused") == "Disabled")
    before = delivered(restarted, "paused")

    restarted.update("paused", Enabled=True)

    eventually(lambda: "$LATEST paused-2" in restarted.seen())
    assert before == ["$LATEST paused-1"]
    assert delivered(restarted, "paused") == ["$LATEST paused-1", "$LATEST paused-2"]


def test_a_tumbling_window_goes_on_with_its_state(restarted: Restarted) -> None:
    restarted.put("windowed", "windowed-2")
    eventually(lambda: "$LATEST windowed-2" in restarted.seen())

    restarted.update("windowed", TumblingWindowInSeconds=0)  # ends the window

    eventually(lambda: "ended windowed-2" in restarted.seen())
    assert delivered(restarted, "windowed") == ["$LATEST windowed-1", "$LATEST windowed-2"]
    assert [line for line in restarted.seen() if "ended" in line] == ["ended windowed-1", "ended windowed-2"]
