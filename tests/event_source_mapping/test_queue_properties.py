"""For any messages, failures, updates and crashes: what succeeds is deleted, what does not is in the queue."""

import asyncio
import json
from dataclasses import dataclass, field
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from event_source_mapping import MappingSettings, Throttled
from event_source_mapping.rehearsal import QUEUE_ARN, Rehearsal, identifier
from event_source_mapping.virtual_time import run

from .mapping_plans import Action, actions

DEFAULT_CONCURRENCY = 5
SETTINGS = {
    "BatchSize": st.integers(1, 6),
    "MaximumBatchingWindowInSeconds": st.sampled_from([0, 0, 2]),
    "FunctionResponseTypes": st.sampled_from([[], ["ReportBatchItemFailures"]]),
    "ScalingConfig": st.sampled_from([{}, {"MaximumConcurrency": 2}, {"MaximumConcurrency": 3}]),
}
BEHAVIOURS = ["good", "good", "good", "poison", "throttled", "flaky", "reported", "dropped"]
ACTIONS = actions(
    30,
    st.tuples(st.just("send"), st.sampled_from(["g", "h", "i"]), st.sampled_from(BEHAVIOURS)),
    st.tuples(st.just("send"), st.sampled_from(["g", "h", "i"]), st.sampled_from(BEHAVIOURS)),
    st.tuples(st.just("send"), st.sampled_from(["g", "h", "i"]), st.sampled_from(BEHAVIOURS)),
    st.tuples(st.just("wait"), st.sampled_from([0.1, 0.7, 3.0, 40.0])),
    st.tuples(st.just("update"), st.fixed_dictionaries({}, optional=SETTINGS)),
    st.tuples(st.just("update"), st.fixed_dictionaries({"Enabled": st.booleans()})),
    st.tuples(st.just("crash")),
)


@dataclass(frozen=True)
class Plan:
    request: dict[str, Any]
    actions: list[Action]
    is_fifo: bool
    is_filtered: bool
    duration: float


PLANS = st.builds(
    Plan,
    request=st.fixed_dictionaries(SETTINGS),
    actions=ACTIONS,
    is_fifo=st.booleans(),
    is_filtered=st.booleans(),
    duration=st.sampled_from([0.0, 0.7, 8.0]),
)


@dataclass
class Messages:
    """What was sent, and what became of it; a function that behaves as its messages say, and watches how it is used."""

    plan: Plan
    rehearsal: Rehearsal = field(init=False)
    sent: dict[str, tuple[str, str]] = field(default_factory=dict)  # (group, behaviour), in order
    succeeded: set[str] = field(default_factory=set)
    seen: dict[str, int] = field(default_factory=dict)
    violations: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        request = self.allowed(self.plan.request)
        if self.plan.is_filtered:
            pattern = json.dumps({"body": [{"anything-but": ["dropped"]}]})
            request = request | {"FilterCriteria": {"Filters": [{"Pattern": pattern}]}}
        arn = f"{QUEUE_ARN}.fifo" if self.plan.is_fifo else QUEUE_ARN
        self.rehearsal = Rehearsal(request, self.handle, source_arn=arn, duration=self.plan.duration)

    def allowed(self, request: dict[str, Any]) -> dict[str, Any]:
        """The request without what is refused for a FIFO queue."""
        return {
            name: value
            for name, value in request.items()
            if not (self.plan.is_fifo and name == "MaximumBatchingWindowInSeconds")
        }

    def is_dropped(self, name: str) -> bool:
        return self.plan.is_filtered and self.sent[name][1] == "dropped"

    def left(self) -> set[str]:
        return self.rehearsal.queue.message_ids()

    def handle(self, event: dict[str, Any]) -> Any:
        names = [identifier(record) for record in event["Records"]]
        behaviours = [self.sent[name][1] for name in names]
        self.look(names)
        for name in names:
            self.seen[name] = self.seen.get(name, 0) + 1
        if any(what == "throttled" and self.seen[name] == 1 for name, what in zip(names, behaviours, strict=True)):
            raise Throttled("Rate Exceeded.")
        if any(what == "flaky" and self.seen[name] <= 2 for name, what in zip(names, behaviours, strict=True)):
            raise TimeoutError("Task timed out after 3.00 seconds")
        if "poison" in behaviours:
            raise ValueError("poison")
        # Whoever reports a message of a FIFO queue reports those after it too.
        done = behaviours.index("reported") if "reported" in behaviours else len(names)
        self.succeeded.update(names[:done] if self.in_effect.report_batch_item_failures else names)
        return {"batchItemFailures": [{"itemIdentifier": name} for name in names[done:]]}

    @property
    def in_effect(self) -> MappingSettings:
        """The settings under which invocations are begun: while an update is under way, those before it."""
        mapping = self.rehearsal.mapping
        if mapping.state == "Enabled":
            self._in_effect = mapping.settings
        return self._in_effect

    def look(self, names: list[str]) -> None:
        """Note what must not be: to raise it here would only be a failure of the function."""
        limit = self.in_effect.maximum_concurrency or DEFAULT_CONCURRENCY
        violations = {
            "what is done with came again": self.succeeded.intersection(names),
            "what the filter drops was delivered": set(filter(self.is_dropped, names)),
            "too many ran at once": self.rehearsal.function.running > limit,
            "a group was overtaken": self.plan.is_fifo and self.overtaken(names),
        }
        self.violations += [f"{what}: {names}" for what, happened in violations.items() if happened]

    def overtaken(self, names: list[str]) -> set[str]:
        """Messages that are left in the queue although a later one of their group is being delivered."""
        before: set[str] = set()
        for index, name in enumerate(names):
            earlier = {other for other in self.sent if other < name and self.sent[other][0] == self.sent[name][0]}
            before |= self.left().intersection(earlier) - set(names[:index])
        return before

    async def play(self) -> None:
        self._in_effect = self.rehearsal.mapping.settings
        self._running = asyncio.ensure_future(self.rehearsal.mapping.run())
        for kind, *operands in self.plan.actions:
            await getattr(self, f"_{kind}")(*operands)
            await self.rehearsal.clock.sleep(0.01)
        await self._update({"Enabled": True})
        await self.rehearsal.clock.sleep(200.0)
        await self._kill()

    async def _send(self, group: str, behaviour: str) -> None:
        self.sent[self.rehearsal.put(behaviour, group)] = (group, behaviour)

    async def _wait(self, seconds: float) -> None:
        await self.rehearsal.clock.sleep(seconds)

    async def _update(self, request: dict[str, Any]) -> None:
        mapping, _ = self.rehearsal.mapping, self.in_effect
        mapping.update(mapping.settings.updated_by(self.allowed(request)))

    async def _crash(self) -> None:
        await self._kill()
        self.rehearsal.new_mapping(self.rehearsal.mapping.checkpoints())
        self._running = asyncio.ensure_future(self.rehearsal.mapping.run())

    async def _kill(self) -> None:
        self._running.cancel()
        (ended,) = await asyncio.gather(self._running, return_exceptions=True)
        assert isinstance(ended, asyncio.CancelledError), f"the mapping stopped by itself: {ended!r}"


@settings(max_examples=25)
@given(PLANS)
def test_a_message_is_deleted_once_it_succeeds_and_stays_in_the_queue_until_then(plan: Plan) -> None:
    messages = Messages(plan)

    run(messages.play())

    dropped = {name for name in messages.sent if messages.is_dropped(name)}
    unsettled = set(messages.sent) - messages.succeeded - dropped
    waiting = dropped if plan.is_fifo else set()  # behind what fails in its group
    assert unsettled <= messages.left() <= unsettled | waiting
    assert messages.violations == []
