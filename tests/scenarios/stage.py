"""Plays a scenario in virtual time.

Actions of `given`:

    create, start, wait: seconds, idle       the mapping is made, begins; time passes; until all is delivered
    restart                                  the mapping dies, and resumes from its checkpoints
    update: settings
    state, result, checkpoint: expected      at that moment
    split, roll: shard; merge: [shard, shard]; close; trim: [shard, records]
    trouble: {reads, listings, iterators}    names of the errors that the next such calls raise, or null
    sparse                                   from now on reads take 10 ms, and every other one finds nothing
                                             although there is more
    refusals: count                          of the destination
    change: {label, keys, new, old, identity}
    record: {label, key, data, size}         size fills the data up
    message: {label, body, size, group}

Shards are counted from 0 in the order in which they came to be.
"""

import asyncio
import hashlib
import json
from itertools import count
from typing import Any

import event_source_mapping
from event_source_mapping import Clock, Page, SettingsRefused
from event_source_mapping.memory import StoredShard
from event_source_mapping.rehearsal import (
    CONSUMER_ARN,
    DATA_STREAM_ARN,
    FUNCTION_ARN,
    QUEUE_ARN,
    TABLE_STREAM_ARN,
    HandlerFunction,
    Rehearsal,
)
from event_source_mapping.virtual_time import run
from scenarios.scenario import Scenario
from scenarios.script import Script, filled
from unreliable import make_unreliable

PATIENCE = 2_000
"""Seconds of virtual time in which a scenario comes to rest, unless it says that it is endless."""

SOURCES = {
    "dynamodb": TABLE_STREAM_ARN,
    "kinesis": DATA_STREAM_ARN,
    "consumer": CONSUMER_ARN,
    "sqs": QUEUE_ARN,
    "fifo": f"{QUEUE_ARN}.fifo",
}


class Stage:
    """What a scenario has come to; `refused` instead of all else where its settings are not accepted."""

    def __init__(self, scenario: Scenario) -> None:
        self.scenario = scenario
        self.names: dict[str, str] = {}  # labels to identifiers
        self.items: dict[str, str] = {}  # labels to items
        self.refused: SettingsRefused | None = None
        self.script = Script(scenario.function, self.names)
        self._running: asyncio.Task[None] | None = None

    def play(self) -> None:
        try:
            self.rehearsal = self._rehearsal()
        except SettingsRefused as refused:
            self.refused = refused
            return
        self.began = self.rehearsal.clock.now()
        self.shards: list[str] = (
            [] if self._is_queue() else [shard.shard_id for shard in self.rehearsal.store.listing()]
        )
        run(self._played())

    def _rehearsal(self) -> Rehearsal:
        scenario, function = self.scenario, self.scenario.function
        arn = function.get("arn", FUNCTION_ARN)
        rehearsal = Rehearsal(
            {"EventSourceArn": SOURCES[scenario.source]} | scenario.request,
            self.script,
            shards=scenario.shards,
            duration=function.get("duration", 0.0),
            function_arn=arn,
        )
        if "version" in function:
            version = str(function["version"])
            rehearsal.function = HandlerFunction(
                self.script, rehearsal.clock, arn, rehearsal.function.duration, version
            )
            rehearsal.new_mapping()
        return rehearsal

    def _is_queue(self) -> bool:
        return self.scenario.source in ("sqs", "fifo")

    async def _played(self) -> None:
        for entry in self.scenario.given:
            if isinstance(entry, str):
                for word in entry.split():
                    self._write(word)
            else:
                for action, operand in entry.items():
                    await getattr(self, f"_{action}")(operand)
        if self._running is None:
            await self._start(None)
        if not self.scenario.endless:
            await self._idle(None)
        await self._end()

    def _write(self, word: str) -> None:
        rest, _, shard = word.partition("#")
        label, _, item = rest.partition("@")
        item = item or "item"
        if shard:
            item = self._item_in(self.rehearsal.store.shard(self.shards[int(shard)]), item)
        self.names[label] = self.rehearsal.put(label, item)
        self.items[label] = item

    def _item_in(self, shard: StoredShard, item: str) -> str:
        """A name of an item that a shard's hash range holds."""
        for number in range(1_000):
            name = f"{item}-{number}"
            key = json.dumps({"id": {"S": name}}) if self.scenario.source == "dynamodb" else name
            digest = int.from_bytes(hashlib.md5(key.encode(), usedforsecurity=False).digest())
            if shard.first_hash <= digest <= shard.last_hash:
                return name
        raise ValueError(f"no item found for {shard.shard_id}")

    # What time and hosts do.

    async def _start(self, _: Any) -> None:
        self._running = asyncio.ensure_future(self.rehearsal.mapping.run())

    async def _create(self, _: Any) -> None:
        self.rehearsal.new_mapping()

    async def _end(self) -> None:
        if self._running is not None:
            self._running.cancel()
            (ended,) = await asyncio.gather(self._running, return_exceptions=True)
            if not isinstance(ended, asyncio.CancelledError):
                raise AssertionError(f"the mapping stopped by itself: {ended!r}")

    async def _idle(self, _: Any) -> None:
        """Until all is delivered; a mapping that fails, or does not come to rest, fails the scenario."""
        idle = asyncio.ensure_future(self.rehearsal.idle())
        watched = [task for task in (idle, self._running) if task is not None]
        await asyncio.wait(watched, timeout=PATIENCE, return_when=asyncio.FIRST_COMPLETED)
        if not idle.cancel():
            return await idle
        await self._end()
        raise AssertionError(f"the mapping has not come to rest within {PATIENCE} s")

    async def _wait(self, seconds: float) -> None:
        await self.rehearsal.clock.sleep(seconds)

    async def _restart(self, _: Any) -> None:
        await self._end()
        self.rehearsal.new_mapping(json.loads(json.dumps(self.rehearsal.mapping.checkpoints())))
        await self._start(None)

    async def _update(self, request: dict[str, Any]) -> None:
        mapping = self.rehearsal.mapping
        mapping.update(mapping.settings.updated_by(request))

    async def _state(self, expected: str) -> None:
        assert self.rehearsal.mapping.state == expected

    async def _result(self, expected: str) -> None:
        assert self.rehearsal.mapping.last_processing_result == expected

    async def _checkpoint(self, expected: str | None) -> None:
        assert self.rehearsal.checkpoints[self.shards[0]] == (expected and self.names[expected])

    async def _trouble(self, troubles: dict[str, list[str | None]]) -> None:
        """The next calls of the source raise these errors, by name."""
        calls = {"reads": "read", "listings": "shards", "iterators": "iterator"}
        for kind, names in troubles.items():
            errors = [getattr(event_source_mapping, name)("as scripted") if name else None for name in names]
            make_unreliable(self.rehearsal.source, calls[kind], iter(errors))

    async def _sparse(self, _: Any) -> None:
        _make_sparse(self.rehearsal.source, self.rehearsal.clock)

    async def _refusals(self, count: int) -> None:
        self.rehearsal.destinations.refusals = count

    # What happens to shards.

    async def _split(self, shard: int) -> None:
        self.shards += self.rehearsal.store.split(self.shards[shard])

    async def _roll(self, shard: int) -> None:
        self.shards.append(self.rehearsal.store.roll(self.shards[shard]))

    async def _merge(self, shards: list[int]) -> None:
        self.shards.append(self.rehearsal.store.merge(*(self.shards[shard] for shard in shards)))

    async def _close(self, _: Any) -> None:
        self.rehearsal.store.close()

    async def _trim(self, shard_and_records: list[int]) -> None:
        shard, records = shard_and_records
        self.rehearsal.store.trim(self.shards[shard], records)

    # Writes that say more than a label.

    async def _change(self, change: dict[str, Any]) -> None:
        self.names[change["label"]] = self.rehearsal.table.put(
            change["keys"], change.get("new"), change.get("old"), change.get("identity")
        )

    async def _record(self, record: dict[str, Any]) -> None:
        content = json.dumps(record["data"]) if isinstance(record.get("data"), dict) else record.get("data", "")
        data = content.encode().ljust(record.get("size", 0), b"x")
        self.names[record["label"]] = self.rehearsal.data_stream.put(record.get("key", "item"), data)

    async def _message(self, message: dict[str, Any]) -> None:
        body = message["body"] if isinstance(message.get("body"), str) else json.dumps(message.get("body", ""))
        label = str(message["label"])
        self.names[label] = self.rehearsal.queue.send(
            body.ljust(message.get("size", 0), "x"), message.get("group", "group")
        )

    def expected(self, value: Any) -> Any:
        return filled(value, self.names)


def _make_sparse(source: Any, clock: Clock) -> None:
    read = source.read
    reads = count()

    async def sparse(iterator: str, limit: int) -> Page:
        await clock.sleep(0.01)
        page: Page = Page([], iterator, more=True) if next(reads) % 2 else await read(iterator, limit)
        return page

    source.read = sparse
