"""Consuming tumbling windows: changes are gathered in the window's state and written down when it ends.

An invocation of a window never answers with a failure: what Lambda does with the state beside one is not documented,
and a final invocation that is given up takes its state along. So what cannot be gathered or written is handed over to
recovery, and every invocation that answers has done with all that it was given.
"""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import batched
from time import sleep
from typing import Any

from changestream.aws.concurrency import NotDone, side_by_side
from changestream.aws.failed_range import Condition, FailedRanges
from changestream.aws.revision_table import WRITE_LIMIT, RevisionTable, Row
from changestream.core.batch import BatchOutcome, Failure, FailureKind, crashed
from changestream.core.change import Change
from changestream.core.deadline import Deadline
from changestream.core.errors import ChangestreamError, PoisonRecord
from changestream.core.sequence_number import SequenceNumber
from changestream.core.tumbling import Gathered, Gathering, Span, Window
from changestream.wire.batch import DecodedBatch
from changestream.wire.window_event import State

PAUSES_SECONDS = (0.5, 1.0, 2.0, 4.0)
"""Between rounds of writing what the table refused. What it still refuses then is a matter for recovery."""


@dataclass(frozen=True, slots=True)
class Rules:
    """What a consumer of windows has to know: of a change its group and its observation, and a group's rows.

    ``group_of`` and ``observe`` raise ``PoisonRecord`` for a change that cannot be measured; an error that is not
    declared in ``core.errors`` is a crash at this change.
    """

    group_of: Callable[[Change], str]
    observe: Callable[[Change, float], bytes]
    rows: Callable[[str, float, Gathered], Sequence[Row]]


@dataclass(frozen=True, slots=True)
class Invocation:
    """The window of an invocation, its state, the stretch of the shard that it brings, and who is invoked."""

    window: Window
    state: State
    span: Span | None
    function_arn: str
    request_id: str


@dataclass(frozen=True, slots=True)
class HandedOver:
    """A stretch of the shard that recovery brings back, and why. ``bug`` is the exception behind a crash."""

    condition: Condition
    span: Span
    reason: str
    bug: Exception | None = None


@dataclass(slots=True)
class WindowOutcome:
    """How a batch ended, the state to answer with, what was written down, and what was handed over and why."""

    batch: BatchOutcome
    state: Mapping[str, Any] = field(default_factory=dict)
    published: Mapping[str, Gathered] = field(default_factory=dict)
    handed_over: list[HandedOver] = field(default_factory=list)


class WindowConsumer:
    """Gathers the changes of a window in its state; writes rows at its end, or before the state outgrows its limit."""

    def __init__(
        self, table: RevisionTable, ranges: FailedRanges, rules: Rules, pause: Callable[[float], None] = sleep
    ) -> None:
        self._table = table
        self._ranges = ranges
        self._rules = rules
        self._pause = pause

    def consume(self, invocation: Invocation, batch: DecodedBatch, deadline: Deadline) -> WindowOutcome:
        """Take one invocation of a window; raise ``TransientError`` where neither table nor queue takes its records.

        Then nothing of it counts: the state that Lambda has is as it was, and the batch comes again.
        """
        window, state = invocation.window, invocation.state
        observations, failures = self._observations(batch, window)
        superseded = state.gather(invocation.span, observations)
        outcome = WindowOutcome(BatchOutcome(batch.records, superseded, batch.passed_over, ()))
        if failures and invocation.span:
            first = next((one for one in failures if one.bug), failures[0])
            condition = Condition.CRASH if first.bug else Condition.POISON
            stretch = HandedOver(condition, _stretch(failures, invocation.span), first.reason, first.bug)
            self._hand_over(invocation, stretch, outcome)
        if not (window.ends or state.is_full()):
            outcome.state = state.document()
            return outcome
        if gathering := state.gathering():
            refusal = self._publish(window, gathering, deadline)
            if refusal is None:
                outcome.published = gathering.groups
            else:
                unpublished = HandedOver(Condition.UNPUBLISHED, gathering.span, refusal.reason)
                self._hand_over(invocation, unpublished, outcome)
        return outcome

    def _observations(self, batch: DecodedBatch, window: Window) -> tuple[dict[str, list[bytes]], list[Failure]]:
        observations: defaultdict[str, list[bytes]] = defaultdict(list)
        failures = list(batch.failures)
        for change in batch.changes:
            try:
                group, packed = self._rules.group_of(change), self._rules.observe(change, window.start)
            except PoisonRecord as error:
                failures.append(Failure(change.sequence_number, FailureKind.POISON, error.reason))
                continue
            except ChangestreamError:
                raise
            except Exception as bug:  # the per-record boundary: a crash at one change leaves the others as they are
                failures.append(crashed(change.sequence_number, bug))
                continue
            observations[group].append(packed)
        return observations, failures

    def _publish(self, window: Window, gathering: Gathering, deadline: Deadline) -> NotDone | None:
        """Write the rows of all groups, trying for as long as there is time; return why some are not written."""
        groups = gathering.groups.items()
        rows = [row for group, gathered in groups for row in self._rules.rows(group, window.start, gathered)]
        units = list(batched(rows, WRITE_LIMIT, strict=False))
        for pause in (*PAUSES_SECONDS, 0.0):
            endings = side_by_side(units, self._table.write, deadline)
            refusals = [(unit, end) for unit, end in zip(units, endings, strict=True) if isinstance(end, NotDone)]
            if not refusals:
                return None
            for _, refusal in refusals:
                if refusal.kind is not FailureKind.UNAVAILABLE or not pause or deadline.seconds_left() < pause:
                    return refusal
            self._pause(pause)
            units = [unit for unit, _ in refusals]
        return None

    def _hand_over(self, invocation: Invocation, stretch: HandedOver, outcome: WindowOutcome) -> None:
        window, function_arn = invocation.window, invocation.function_arn
        self._ranges.send(stretch.span, window, function_arn, invocation.request_id, stretch.condition)
        outcome.handed_over.append(stretch)


def _stretch(failures: Sequence[Failure], batch: Span) -> Span:
    """Return the shortest stretch with all failures in it: what is good between them counts once all the same."""
    numbers = [SequenceNumber.parse(failure.sequence_number) for failure in failures]
    return replace(batch, start=min(numbers), end=max(numbers), records=len(numbers))
