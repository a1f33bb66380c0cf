"""For any records, failures, shards, updates and crashes: a record is folded once into a state that is handed over."""

from collections import Counter
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from event_source_mapping import StepKind
from event_source_mapping.rehearsal import DATA_STREAM_ARN, TABLE_STREAM_ARN, identifier

from .mapping_plans import CHANGE, ITEMS, REQUESTS, SHARDS, WAIT, Plan, Player, Witness, actions

WINDOWS = st.sampled_from([10, 30, 60])
# The state goes with the place in the shard: resumed from what was stored last, nothing is folded twice. One lane, as
# lanes beyond a checkpoint are repeated after a crash while windows are off.
SETTINGS = {"ParallelizationFactor": 1, "FunctionResponseTypes": ["ReportBatchItemFailures"]}
CRASH = st.tuples(st.just("crash"), st.just(0))
TURN = st.tuples(st.just("update"), st.fixed_dictionaries({"TumblingWindowInSeconds": st.sampled_from([0, 10, 30])}))
WRITE = st.tuples(
    st.just("write"),
    st.sampled_from(ITEMS),
    st.sampled_from(["good", "good", "good", "poison", "throttled", "flaky", "reported"]),
)


def without_lanes(action: tuple[Any, ...]) -> tuple[Any, ...]:
    return ("update", action[1] | SETTINGS) if action[0] == "update" else action


PLANS = st.builds(
    Plan,
    request=st.builds(lambda given, size: given | SETTINGS | {"TumblingWindowInSeconds": size}, REQUESTS, WINDOWS),
    actions=actions(30, WRITE, WRITE, WRITE, SHARDS, WAIT, WAIT, CHANGE.map(without_lanes), CRASH, TURN),
    source_arn=st.sampled_from([TABLE_STREAM_ARN, DATA_STREAM_ARN]),
    duration=st.sampled_from([0.0, 0.7]),
    refusals=st.integers(0, 1),
)  # fmt: skip


class Folding(Witness):
    """Folds the names of its records into the state, fails some final invocations, and keeps what the others got."""

    def __init__(self, failing_finals: int) -> None:
        super().__init__()
        self.handed_in: list[str] = []  # by final invocations that succeeded
        self.plain: list[str] = []  # delivered while windows were off
        self._failing_finals = failing_finals

    def __call__(self, event: dict[str, Any]) -> Any:
        answer = super().__call__(event)
        names = [identifier(record) for record in event["Records"]]
        done = names[: self.before_report(names)]
        if "window" not in event:
            self.plain += done
            return answer
        seen = event["state"].get("seen", [])
        if event["isFinalInvokeForWindow"]:
            if self._failing_finals:
                self._failing_finals -= 1
                raise TimeoutError("Task timed out after 3.00 seconds")
            self.handed_in += seen
        return answer | {"state": {"seen": seen + done}}


@settings(max_examples=40)
@given(PLANS, st.integers(0, 3))
def test_a_record_is_folded_once_into_a_window_that_ends_with_it_or_is_told_as_lost(plan: Plan, failing: int) -> None:
    witness = Folding(failing)

    player = Player(plan, witness).play()

    given_up = player.chronicle.steps(StepKind.DISCARDED)
    lost = [name for step in given_up for name in step.detail.get("window", {}).get("state", {}).get("seen", [])]
    handed_over = [name for step in given_up for name in step.sequence_numbers]
    assert Counter([*witness.handed_in, *witness.plain, *lost, *handed_over]) == Counter(list(player.item_of))
