"""Plans of what happens to a mapping of a stream, and a player that lets it happen in virtual time.

A plan is a list of actions: writes, changes of shards, updates, crashes, errors of the source, and time that passes.
"""

import asyncio
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from hypothesis import strategies as st

from event_source_mapping import IteratorExpired, SourceError, Step, StepKind, Throttled
from event_source_mapping.rehearsal import DATA_STREAM_ARN, FAILED_BATCHES_ARN, TABLE_STREAM_ARN, Rehearsal, identifier
from event_source_mapping.virtual_time import run
from unreliable import make_unreliable

ITEMS = ["a", "b", "c", "d", "e"]
ERRORS: dict[str, Exception] = {
    "failing": SourceError("InternalServerError"),
    "expired": IteratorExpired("too old"),
    "faulty": KeyError("Records"),
}
FILTERS = {
    TABLE_STREAM_ARN: {"dynamodb": {"NewImage": {"label": {"S": [{"anything-but": ["dropped"]}]}}}},
    DATA_STREAM_ARN: {"data": [{"anything-but": ["dropped"]}]},
}

type Action = tuple[Any, ...]

BOUNDS = st.sampled_from([(0, -1), (1, -1), (3, -1), (2, 60), (-1, 60)]).map(
    lambda bounds: {"MaximumRetryAttempts": bounds[0], "MaximumRecordAgeInSeconds": bounds[1]}
)
SETTINGS = {
    "BatchSize": st.integers(1, 8),
    "ParallelizationFactor": st.sampled_from([1, 1, 2, 3]),
    "MaximumBatchingWindowInSeconds": st.sampled_from([0, 0, 2]),
    "BisectBatchOnFunctionError": st.booleans(),
    "FunctionResponseTypes": st.sampled_from([[], ["ReportBatchItemFailures"]]),
}
REQUESTS = st.builds(lambda settings, bounds: settings | bounds, st.fixed_dictionaries(SETTINGS), BOUNDS)
UPDATES = st.builds(
    lambda settings, bounds: settings | bounds,
    st.fixed_dictionaries({}, optional=SETTINGS),
    st.one_of(st.just({}), BOUNDS),
)
BEHAVIOURS = ["good", "good", "good", "poison", "throttled", "flaky", "reported", "dropped"]
WRITE = st.tuples(st.just("write"), st.sampled_from(ITEMS), st.sampled_from(BEHAVIOURS))
SHARDS = st.tuples(st.sampled_from(["split", "merge", "roll"]), st.integers(0, 5))
WAIT = st.tuples(st.just("wait"), st.sampled_from([0.1, 0.7, 3.0, 45.0]))
CHANGE = st.one_of(
    st.tuples(st.just("update"), UPDATES),
    st.tuples(st.just("enable"), st.booleans()),
    st.tuples(st.just("trouble"), st.sampled_from(sorted(ERRORS)), st.sampled_from(["read", "shards", "iterator"])),
)
CRASH = st.tuples(st.just("crash"), st.integers(0, 6))


@dataclass(frozen=True)
class Plan:
    """What happens, in order; the mapping is enabled at the end, and comes to rest."""

    request: dict[str, Any]
    actions: list[Action]
    source_arn: str = DATA_STREAM_ARN
    starting_position: str = "TRIM_HORIZON"
    shards: int = 1
    duration: float = 0.0
    refusals: int = 0
    is_filtered: bool = False


def actions(most: int, *kinds: st.SearchStrategy[Action]) -> st.SearchStrategy[list[Action]]:
    """Lists of any length alike: left to itself, hypothesis makes few that are long."""
    return st.integers(0, most).flatmap(lambda length: st.lists(st.one_of(*kinds), min_size=length, max_size=length))


PLANS = st.builds(
    Plan,
    request=REQUESTS,
    actions=actions(40, WRITE, WRITE, WRITE, WRITE, SHARDS, WAIT, WAIT, CHANGE, CRASH),
    source_arn=st.sampled_from([TABLE_STREAM_ARN, DATA_STREAM_ARN]),
    starting_position=st.sampled_from(["TRIM_HORIZON", "TRIM_HORIZON", "LATEST"]),
    shards=st.integers(1, 2),
    duration=st.sampled_from([0.0, 0.7]),
    refusals=st.integers(0, 2),
    is_filtered=st.booleans(),
)


class Witness:
    """A function that behaves as its records are labelled."""

    def __init__(self) -> None:
        self.behaviour: dict[str, str] = {}
        self.seen: dict[str, int] = {}

    def __call__(self, event: dict[str, Any]) -> Any:
        names = [identifier(record) for record in event["Records"]]
        for name in names:
            self.seen[name] = self.seen.get(name, 0) + 1
        if any(self.behaviour[name] == "throttled" and self.seen[name] == 1 for name in names):
            raise Throttled("Rate Exceeded.")
        if any(self.behaviour[name] == "flaky" and self.seen[name] <= 2 for name in names):
            raise TimeoutError("Task timed out after 3.00 seconds")
        if any(self.behaviour[name] == "poison" for name in names):
            raise ValueError("poison")
        done = self.before_report(names)
        return {"batchItemFailures": [{"itemIdentifier": name} for name in names[done : done + 1]]}

    def before_report(self, names: Iterable[str]) -> int:
        """How many records come before the first that the function reports."""
        names = list(names)
        reported = (index for index, name in enumerate(names) if self.behaviour[name] == "reported")
        return next(reported, len(names))


@dataclass(frozen=True)
class Crash:
    """The process was killed, and the next resumed from `checkpoints`, which need not be the last that were told."""

    checkpoints: dict[str, Any]


@dataclass
class Chronicle:
    """Steps and crashes in the order in which they came about, and what a host would have stored after each."""

    rehearsal: Rehearsal | None = None
    entries: list[Step | Crash] = field(default_factory=list)
    stored: list[str] = field(default_factory=list)

    def on(self, step: Step) -> None:
        self.entries.append(step)
        self.store()

    def store(self) -> None:
        if self.rehearsal is not None:
            self.stored.append(json.dumps(self.rehearsal.mapping.checkpoints()))

    def steps(self, kind: StepKind) -> list[Step]:
        return [entry for entry in self.entries if isinstance(entry, Step) and entry.kind is kind]


class Player:
    """Lets a plan happen; afterwards `item_of` and `shard_of` tell of each sequence number, in order of writing."""

    def __init__(self, plan: Plan, witness: Any = None) -> None:
        self.plan = plan
        self.witness = witness or Witness()
        self.chronicle = Chronicle()
        self.item_of: dict[str, str] = {}
        self.shard_of: dict[str, str] = {}
        self.before: list[str] = []  # what LATEST leaves out
        request = plan.request | {"StartingPosition": plan.starting_position}
        request |= {"DestinationConfig": {"OnFailure": {"Destination": FAILED_BATCHES_ARN}}}
        if plan.is_filtered:
            request["FilterCriteria"] = {"Filters": [{"Pattern": json.dumps(FILTERS[plan.source_arn])}]}
        self.rehearsal = Rehearsal(
            request, self.witness, source_arn=plan.source_arn, shards=plan.shards, duration=plan.duration
        )
        self.rehearsal.destinations.refusals = plan.refusals
        self.rehearsal.log = self.chronicle  # type: ignore[assignment]
        self._errors: dict[str, list[Exception]] = {"read": [], "shards": [], "iterator": []}
        for call, errors in self._errors.items():
            make_unreliable(self.rehearsal.source, call, _as_they_come(errors))

    def play(self) -> "Player":
        run(self._play())
        return self

    async def _play(self) -> None:
        clock = self.rehearsal.clock
        if self.plan.starting_position == "LATEST":
            self.before.append(self.rehearsal.put("good"))
            await clock.sleep(5.0)
        self.rehearsal.new_mapping()
        self.chronicle.rehearsal = self.rehearsal
        self.chronicle.store()
        self._running = asyncio.ensure_future(self.rehearsal.mapping.run())
        await clock.sleep(0.05)  # writes that race with the making of a LATEST mapping may be left out, as by Lambda
        for kind, *operands in self.plan.actions:
            await getattr(self, f"_{kind}")(*operands)
            await clock.sleep(0.01)
        await self._enable(True)
        await self._until_idle()
        await self._kill()

    async def _write(self, item: str, behaviour: str) -> None:
        name = self.rehearsal.put(behaviour, item)
        self.witness.behaviour[name] = behaviour
        self.item_of[name] = item
        self.shard_of[name] = next(
            shard.shard_id
            for shard in self.rehearsal.store.listing()
            if shard.records and str(shard.records[-1].sequence_number) == name
        )

    async def _wait(self, seconds: float) -> None:
        await self.rehearsal.clock.sleep(seconds)

    def _open_shards(self) -> list[str]:
        shards = [shard for shard in self.rehearsal.store.listing() if shard.ending is None]
        return [shard.shard_id for shard in sorted(shards, key=lambda shard: shard.first_hash)]

    async def _split(self, index: int) -> None:
        shards = self._open_shards()
        self.rehearsal.store.split(shards[index % len(shards)])

    async def _roll(self, index: int) -> None:
        shards = self._open_shards()
        self.rehearsal.store.roll(shards[index % len(shards)])

    async def _merge(self, index: int) -> None:
        shards = self._open_shards()
        if len(shards) > 1:
            first = index % (len(shards) - 1)
            self.rehearsal.store.merge(shards[first], shards[first + 1])

    async def _update(self, request: dict[str, Any]) -> None:
        mapping = self.rehearsal.mapping
        mapping.update(mapping.settings.updated_by(request))

    async def _enable(self, enabled: bool) -> None:
        await self._update({"Enabled": enabled})

    async def _trouble(self, error: str, call: str) -> None:
        self._errors[call] = [ERRORS[error], ERRORS[error]]

    async def _crash(self, age: int) -> None:
        """Die, and resume from what was stored `age` steps ago."""
        await self._kill()
        self.chronicle.store()
        checkpoints = json.loads(self.chronicle.stored[max(0, len(self.chronicle.stored) - 1 - age)])
        self.chronicle.entries.append(Crash(checkpoints))
        self.rehearsal.new_mapping(checkpoints)
        self._running = asyncio.ensure_future(self.rehearsal.mapping.run())

    async def _kill(self) -> None:
        self._running.cancel()
        (ended,) = await asyncio.gather(self._running, return_exceptions=True)
        assert isinstance(ended, asyncio.CancelledError), f"the mapping stopped by itself: {ended!r}"

    async def _until_idle(self) -> None:
        clock = self.rehearsal.clock
        called, patience = clock.now(), 20_000
        while (self.rehearsal.mapping.idle_since() or 0.0) <= called:
            await clock.sleep(0.1)
            patience -= 1
            assert patience, "the mapping does not come to rest"


def _as_they_come(errors: list[Exception]) -> Iterator[Exception | None]:
    while True:
        yield errors.pop() if errors else None
