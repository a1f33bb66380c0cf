"""Writes the workload to the table, in bursts and pauses that are the run's own."""

import asyncio
from collections.abc import Mapping
from typing import Any

from domain.workload import DrawnWrites, Write, WriteKind
from simulation.capture import CaptureDisorder, SimulatedCapture
from simulation.ledger import Ledger
from simulation.memory_aws.dynamodb.table import TTL_IDENTITY
from simulation.table_log import TableChange
from simulation.world import World

SPANS = (20.0, 120.0, 900.0, 7200.0)
"""Seconds that the writes of a run may take."""

HOT_TASKS = 3
SHARES: Mapping[WriteKind, float] = {
    WriteKind.INSERT: 24,
    WriteKind.STATUS: 22,
    WriteKind.EDIT: 10,
    WriteKind.HOT: 16,
    WriteKind.SAME: 2,
    WriteKind.DELETE: 8,
    WriteKind.EXPIRE: 6,
    WriteKind.REBORN: 7,
    WriteKind.SPOIL: 2,
    WriteKind.HEAL: 2,
    WriteKind.OTHER: 1,
}
"""Of a hundred writes."""


class Writer:
    """Makes the changes of a run, and has them captured."""

    def __init__(self, world: World, changes: int) -> None:
        chance = world.chance("writer")
        self._world = world
        self._changes = changes
        self._chance = chance
        self.span = chance.choice(SPANS)
        self._burst = chance.choice((1, 3, 10, 40))
        poison = chance.choice((0.0, 1.0, 1.0, 4.0))  # how much more often items are spoilt
        shares = {**SHARES, WriteKind.SPOIL: SHARES[WriteKind.SPOIL] * poison}
        self.workload = DrawnWrites(world.chance("workload"), chance.randint(1, 6), HOT_TASKS, shares)
        disorder = CaptureDisorder(
            chance.choice((0, 0.02, 0.15)), chance.choice((0, 0.02, 0.2)), chance.choice((1, 30, 600))
        )
        self.capture = SimulatedCapture(
            world.change_stream.put,
            world.aws.kinesis().most_bytes(world.change_stream.arn),
            world.loop.call_later,
            disorder,
            world.chance("capture"),
            "TasksTable",
        )
        world.on_change.append(self._captured)
        self.ledger = Ledger(
            world.ledger_stream.put,
            world.loop.call_later,
            world.chance("ledger"),
            max(3, changes // 30),
        )

    async def write(self) -> None:
        """Make all changes; return when the last is made."""
        log = self._world.log
        while len(log.changes) < self._changes:
            for _ in range(self._chance.randint(1, self._burst)):
                self.carry_out(self.workload.draw())
                if self._chance.random() < 0.04:
                    self.ledger.revise()
            await asyncio.sleep(self._chance.expovariate(self._changes / self.span / self._burst))

    def carry_out(self, write: Write) -> None:
        """Make one write."""
        client = self._world.aws.client("dynamodb")
        key: dict[str, Any] = {"listId": {"S": write.key[0]}, "taskId": {"S": write.key[1]}}
        if write.item is not None:
            client.put_item(TableName="TasksTable", Item=write.item)
        elif write.kind is WriteKind.EXPIRE:
            table = self._world.tables.table("TasksTable")
            table.write(table.place_of_key(key), None, TTL_IDENTITY)
        else:
            client.delete_item(TableName="TasksTable", Key=key)

    @property
    def is_done(self) -> bool:
        """Whether nothing that was written is still on its way to a stream."""
        return not (self.capture.under_way or self.ledger.under_way)

    def _captured(self, change: TableChange) -> None:
        self.capture.take(change)
