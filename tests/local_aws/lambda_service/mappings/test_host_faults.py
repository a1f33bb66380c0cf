"""Faults that end an engine: its host begins another, and forgets nothing of what it was asked for meanwhile."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from event_source_mapping import MappingSettings, SystemClock
from event_source_mapping.memory import MemoryDestinations, MemoryQueue
from event_source_mapping.rehearsal import FUNCTION_ARN, QUEUE_ARN, HandlerFunction
from local_aws.journal import Journal
from local_aws.lambda_service import hosted_mapping
from local_aws.lambda_service.hosted_mapping import Connection, HostedMapping
from local_aws.measurements import Measurements
from local_aws.state import Forgetful


class Faulty:
    """A queue in memory; `connecting` and `receiving` are the faults that are met first."""

    def __init__(self, *, connecting: int = 0, receiving: int = 0) -> None:
        self.connections = 0
        self._connecting = connecting
        self._receiving = receiving

    def connect(self, settings: MappingSettings, role_arn: str) -> Connection:
        del settings, role_arn
        self.connections += 1
        if self.connections <= self._connecting:
            raise ConnectionAbortedError("no connection")
        queue: Any = MemoryQueue(QUEUE_ARN, SystemClock())
        receive = queue.receive

        async def faulty(limit: int, wait: float) -> Any:
            if self.connections <= self._connecting + self._receiving:
                raise KeyError("Messages")
            return await receive(limit, wait)

        queue.receive = faulty
        return Connection(queue, MemoryDestinations(), lambda: None)


def hosted(sources: Faulty, journal: Journal) -> HostedMapping:
    settings = MappingSettings.from_request({"EventSourceArn": QUEUE_ARN})
    function: Any = HandlerFunction(lambda _: None, SystemClock(), FUNCTION_ARN)
    return HostedMapping("uuid", settings, function, sources, "role", journal, None, Forgetful(), Measurements())


async def until(condition: Callable[[], object]) -> None:
    while not condition():
        await asyncio.sleep(0.001)


@pytest.fixture(autouse=True)
def short_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hosted_mapping, "RESTART_PAUSE", 0.005)


@pytest.mark.parametrize("sources", [Faulty(connecting=2), Faulty(receiving=2)], ids=["connecting", "receiving"])
def test_a_mapping_is_begun_again_after_a_fault_and_tells_of_it(sources: Faulty, journal: Journal) -> None:
    mapping = hosted(sources, journal)

    async def life() -> str:
        await mapping.start()
        await until(lambda: "PROBLEM" in mapping.last_processing_result)
        told = mapping.last_processing_result
        await until(lambda: mapping.state == "Enabled" and sources.connections == 3)
        await mapping.cancel()
        return told

    told = asyncio.run(asyncio.wait_for(life(), 10))

    assert "Error" in told
    assert len([entry for entry in journal.after(0, 100) if entry["kind"] == "mapping.fault"]) == 2


def test_a_mapping_that_is_being_deleted_stays_so_over_a_fault(journal: Journal) -> None:
    sources = Faulty(receiving=1_000)
    mapping = hosted(sources, journal)

    async def life() -> list[str]:
        await mapping.start()
        await until(lambda: sources.connections > 1)
        mapping.expect("Deleting")
        before = sources.connections
        await until(lambda: sources.connections > before + 1)
        seen = [mapping.state]
        await mapping.end()
        return [*seen, mapping.state]

    assert asyncio.run(asyncio.wait_for(life(), 10)) == ["Deleting", "Deleting"]
