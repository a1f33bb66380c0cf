"""What a run takes to be lost without fault, left over, and parked as it was: the edges of its own judgement."""

import asyncio
import json
from typing import Any

import pytest

from event_source_mapping.records import from_kinesis
from event_source_mapping.virtual_time import run
from simulation.checks import parked
from simulation.checks.parked import unfinished
from simulation.faults import FaultPlan
from simulation.hosts import Host
from simulation.machine import Machine
from simulation.play import come_to_rest
from simulation.world import PARKED, REDRIVE, World
from simulation.writer import Writer

LONGER_THAN_RETENTION = 30 * 3600.0


@pytest.fixture(scope="module")
def machine() -> Machine:
    return Machine()


class Quiet(World):
    """A world in which nothing goes wrong by itself."""

    def __init__(self, machine: Machine) -> None:
        super().__init__(machine, 0, FaultPlan())
        self.faults.is_over = True
        self.faults.host_rates = dict.fromkeys(self.faults.host_rates, 0.0)
        self.redrives = 0

    def redrive(self, event: Any) -> None:
        """Count what is asked for."""
        self.redrives += 1
        super().redrive(event)

    def host(self, function: str) -> Host:
        return next(host for host in self.hosts if host.name == function)

    def insert(self, *tasks: str) -> list[str]:
        """Write tasks; return the sequence numbers of their changes."""
        for task in tasks:
            item = {"listId": "list-01", "taskId": f"task-{task}", "description": "errand", "status": "open"}
            item["createdDate"] = "2026-01-01T09:00:00+00:00"
            self.aws.client("dynamodb").put_item(
                TableName="TasksTable", Item={name: {"S": value} for name, value in item.items()}
            )
        return [change.sequence_number for change in self.log.changes[-len(tasks) :]]

    async def idle(self, host: Host) -> None:
        while not self.has_delivered_all(host):
            await asyncio.sleep(1.0)


@pytest.mark.parametrize("is_rolled", [False, True], ids=["its shard goes on", "its shard is gone"])
def test_what_a_mapping_had_read_ahead_when_it_was_stopped_is_unread_once_it_is_trimmed(
    machine: Machine, is_rolled: bool
) -> None:
    async def stopped_for_too_long() -> tuple[set[str], list[str]]:
        world = Quiet(machine)
        host = world.host("count_tasks")
        host.start()
        world.insert("done-with")
        await world.idle(host)
        world.functions["count_tasks"].is_broken = True
        read_ahead = world.insert("a", "b", "c")
        await asyncio.sleep(1.0)
        host.enable(False)
        if is_rolled:
            world.table_stream.roll()
        await asyncio.sleep(LONGER_THAN_RETENTION)
        world.functions["count_tasks"].is_broken = False
        host.enable(True)
        world.insert("after")
        await world.idle(host)
        await host.stop()
        return world.unread(host), read_ahead

    with machine.running():
        unread, read_ahead = run(stopped_for_too_long())

    assert unread == set(read_ahead)


def test_what_a_mapping_was_done_with_is_not_unread_whatever_is_trimmed(machine: Machine) -> None:
    async def begun_again_behind_the_horizon() -> set[str]:
        world = Quiet(machine)
        host = world.host("count_tasks")
        host.start()
        world.insert("a", "b")
        await world.idle(host)
        await asyncio.sleep(LONGER_THAN_RETENTION)
        await host.restart(older=False)
        world.insert("c")
        await world.idle(host)
        await host.stop()
        return world.unread(host)

    with machine.running():
        unread = run(begun_again_behind_the_horizon())

    assert unread == set()


def test_a_run_is_not_over_while_a_redrive_may_settle_what_is_left(machine: Machine) -> None:
    async def mended_for_the_third_redrive() -> tuple[list[str], int]:
        world = Quiet(machine)
        writer = Writer(world, 1)
        announcing = world.functions["announce_changes"]
        announcing.is_broken = True
        redrive = world.functions[REDRIVE].invoke

        def mended_in_time(event: Any, done: Any) -> Any:
            announcing.is_broken = world.redrives < 3
            return redrive(event, done)

        world.functions[REDRIVE].invoke = mended_in_time  # type: ignore[method-assign]
        for host in world.hosts:
            host.start()
        world.insert("a")
        problems = await come_to_rest(world, writer)
        assert problems == []
        for host in world.hosts:
            await host.stop()
        return unfinished(world), world.redrives

    with machine.running():
        left, redrives = run(mended_for_the_third_redrive())

    assert (left, redrives) == ([], 3)


@pytest.mark.parametrize(("changed", "findings"), [({}, 0), ({"awsRegion": "us-east-1"}, 1)])
def test_a_parked_record_may_lack_the_name_of_the_role_and_nothing_else(
    machine: Machine, changed: dict[str, str], findings: int
) -> None:
    async def parked_without_a_role() -> list[Any]:
        world = Quiet(machine)
        Writer(world, 1)
        world.insert("a")
        await asyncio.sleep(1000.0)
        number, body = next(iter(world.changes.bodies.items()))
        arn = world.change_stream.arn
        record = from_kinesis(body, arn, world.changes.shard_of[number], arn.split(":")[3], "") | changed
        manifest = {"reason": "poison", "message": "", "functionArn": world.functions["index_tasks"].settings.arn}
        document = json.dumps({"manifest": manifest, "payload": {"Records": [record]}})
        world.aws.client("s3").put_object(Bucket=PARKED, Key="parked/a.json", Body=document.encode())
        return list(parked.check(world))

    with machine.running():
        found = run(parked_without_a_role())

    assert len(found) == findings
