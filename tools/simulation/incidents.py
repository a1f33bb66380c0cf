"""What happens to a system besides calls that fail: shards move, mappings die, services go away for hours."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

from simulation.faults import Fault, Spell
from simulation.hosts import Host
from simulation.memory_aws.hook import Call
from simulation.streams import WatchedStream
from simulation.world import World

LENGTHS = (2.0, 30.0, 300.0, 4 * 3600.0)
"""Seconds that a spell may last: some are over before a mapping notices, some outlast its patience."""

CATASTROPHE_HOURS = (20.0, 60.0)
"""Longer than streams keep their records, or just not."""

AFTERMATHS = (1.0, 1800.0, 7200.0)
"""Seconds for which faults go on while a mapping catches up with what was left lying."""

Incident = Callable[[], Coroutine[Any, Any, None]]


class Incidents:
    """Brings about incidents, one after the other, at moments of their own, until it is stopped."""

    def __init__(self, world: World, span: float) -> None:
        self._world = world
        self._chance = chance = world.chance("incidents")
        self._left = chance.choice((3, 8, 20))
        self._pause = span / self._left
        self._counts = world.faults.counts
        kinds: list[Incident] = [
            self._split,
            self._merge,
            self._roll,
            self._restart,
            self._restart,
            self._refuse,
            self._retire,
            self._redrive,
            self._disable,
            self._break,
        ]
        self._kinds = chance.sample(kinds, chance.randint(3, len(kinds)))
        self._catastrophe = chance.random() < 0.25
        self._long_lasting: set[asyncio.Task[None]] = set()

    async def go_on(self) -> None:
        """Bring incidents about until cancelled."""
        for host in self._world.hosts:
            if host.name in self._world.plan.stopped:
                self._later(self._stop(host, self._world.plan.stopped[host.name] * 3600))
        if self._catastrophe:
            self._later(self._lose_records())
        for _ in range(self._left):
            await asyncio.sleep(self._chance.expovariate(1 / self._pause))
            for host in self._world.hosts:
                host.snapshot()
            self._later(self._chance.choice(self._kinds)())

    async def over(self) -> None:
        """Wait for what is still going on to end by itself."""
        while self._long_lasting:
            await asyncio.wait(list(self._long_lasting))

    def _later(self, incident: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(incident)
        self._long_lasting.add(task)
        task.add_done_callback(self._long_lasting.discard)

    async def _split(self) -> None:
        self._data_stream().split()

    async def _merge(self) -> None:
        self._data_stream().merge()

    async def _roll(self) -> None:
        self._world.table_stream.roll()

    async def _restart(self) -> None:
        self._counts[Fault.RESTARTED] += 1
        await self._host().restart(older=self._chance.random() < 0.7)

    async def _retire(self) -> None:
        self._counts[Fault.RETIRED] += 1
        for function in self._world.functions.values():
            if self._chance.random() < 0.5:
                function.retire()

    async def _redrive(self) -> None:
        """Somebody asks for everything to be redriven, once or twice at the same time."""
        for _ in range(self._chance.randint(1, 2)):
            self._counts[Fault.REDRIVEN_BY_HAND] += 1
            self._world.redrive({"prefix": "parked/"})

    async def _refuse(self) -> None:
        """A service refuses, throttles or fails for a while: for one function, or for all."""
        fault = self._chance.choice((Fault.REFUSED, Fault.THROTTLED, Fault.SERVER_ERROR, Fault.LOST_ANSWER))
        services = ("dynamodb", "dynamodb", "opensearch", "sns", "s3", "sqs", "kinesis", "dynamodbstreams", "lambda")
        service = self._chance.choice(services)
        function = self._chance.choice([*self._world.functions]) if self._chance.random() < 0.5 else None

        def befalls(call: Call, caller: str) -> bool:
            return call.service == service and function in (None, caller)

        ends_at = self._world.clock.now() + self._chance.choice(LENGTHS) * self._chance.uniform(0.5, 1.5)
        self._world.faults.spells.append(Spell(fault, ends_at, befalls))

    async def _disable(self) -> None:
        """A mapping is disabled for some time, which is how people deploy at times."""
        await self._stop(self._host(), self._chance.choice(LENGTHS))

    async def _break(self) -> None:
        """A deployment goes wrong, and is mended."""
        function = self._world.functions[self._chance.choice(list(self._world.functions))]
        self._counts[Fault.BROKEN] += 1
        function.is_broken = True
        function.retire()
        await asyncio.sleep(self._chance.choice(LENGTHS))
        function.is_broken = False

    async def _lose_records(self) -> None:
        """A mapping, or recovery, stands still for longer than a stream keeps its records."""
        host = self._chance.choice([self._host(), self._world.recovery])
        await asyncio.sleep(self._chance.random() * self._pause)
        await self._stop(host, self._chance.uniform(*CATASTROPHE_HOURS) * 3600)

    async def _stop(self, host: Host, seconds: float) -> None:
        self._counts[Fault.DISABLED] += 1
        host.enable(False)
        await asyncio.sleep(seconds)
        host.enable(True)
        await asyncio.sleep(self._chance.choice(AFTERMATHS))

    def _host(self) -> Host:
        return self._chance.choice(self._world.hosts)

    def _data_stream(self) -> WatchedStream:
        """Draw one of the Kinesis streams of the template."""
        names = [name for name, _ in self._world.stack.of_type("AWS::Kinesis::Stream")]
        return self._world.streams[self._chance.choice(names)]
