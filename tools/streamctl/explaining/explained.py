"""A change with how every view stands to it, and what of it is parked or waits."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from consumers.kinds import Feed
from streamctl.consumers import DeployedConsumer, consumers_of
from streamctl.exits import Trouble
from streamctl.explaining.subject import Subject
from streamctl.explaining.trail import ParkedTrace, parked_of, pointing_to
from streamctl.explaining.verdict import Verdict, ViewState
from streamctl.explaining.views import state_of, told
from streamctl.reading.failures import WaitingFailure, document
from streamctl.reading.mappings import short_name
from streamctl.reading.seen import Seen
from streamctl.stack import Stack
from streamctl.together import together
from streamctl.troubles import FORESEEN, trouble_of

UNSETTLED = frozenset({Verdict.PARKED, Verdict.WAITING, Verdict.UNKNOWN})
"""Verdicts that ask for a person; ``not_yet`` does not: it may be on its way."""


@dataclass(frozen=True, slots=True)
class Explained:
    """All that can be told of a change. ``messages`` is ``None`` where the queue was not looked at."""

    subject: Subject
    views: Sequence[ViewState]
    parked: Sequence[ParkedTrace]
    messages: Sequence[WaitingFailure] | None

    @property
    def needs_attention(self) -> bool:
        """Whether some view will not come to it by itself, or cannot be asked, or the change may not be the newest."""
        return bool(self.subject.doubts) or any(each.verdict in UNSETTLED for each in self.views)

    def document(self) -> dict[str, Any]:
        """Return what ``--json`` writes."""
        return {
            "asked": self.subject.asked,
            "isNewest": self.subject.is_newest,
            "doubts": list(self.subject.doubts),
            "records": [each.document() for each in self.subject.sightings],
            "views": [each.document() for each in self.views],
            "parked": [each.document() for each in self.parked],
            "messages": None if self.messages is None else [document(each) for each in self.messages],
        }


def explain(stack: Stack, subject: Subject, failures: Sequence[WaitingFailure] | None) -> Explained:
    """Ask every view that the change concerns; ``failures`` are those that wait, if the queue was looked at."""
    parked = parked_of(stack, subject.sightings)
    messages = None if failures is None else pointing_to(failures, subject.sightings)
    states = together(lambda asked: _state(stack, *asked), _asked(subject, consumers_of(stack)))
    return Explained(subject, [_where(stack, each, parked, messages or ()) for each in states], parked, messages)


def _asked(subject: Subject, consumers: Sequence[DeployedConsumer]) -> list[tuple[DeployedConsumer, Seen | None]]:
    """Return the consumers that are fed by a stream of the change, each with the record in that stream."""
    if subject.of_ledger:
        return [(each, subject.of_ledger) for each in consumers if each.feed is Feed.OTHER]
    records = {Feed.TABLE: subject.of_table, Feed.CHANGES: subject.captured}
    return [(each, records[each.feed]) for each in consumers if each.feed in records]


def _state(stack: Stack, consumer: DeployedConsumer, seen: Seen | None) -> ViewState:
    if seen is None:
        return told(consumer, Verdict.UNKNOWN, "its record is not in the stream that the view is fed by")
    if seen.change is None:
        return told(consumer, Verdict.NOT_YET, f"the record cannot be understood: {seen.poison}")
    try:
        return state_of(stack, consumer, seen.change)
    except (*FORESEEN, Trouble) as error:
        trouble = trouble_of(error, stack.target.endpoint)
        return told(consumer, Verdict.UNKNOWN, trouble.message if trouble else str(error))


def _where(
    stack: Stack, state: ViewState, parked: Sequence[ParkedTrace], messages: Sequence[WaitingFailure]
) -> ViewState:
    """Say where a change is that has not come to a view."""
    if state.verdict not in (Verdict.NOT_YET, Verdict.NO_EFFECT):
        return state
    for each in parked:
        if each.function == state.function:
            return replace(state, verdict=Verdict.PARKED, why=f"{each.reason}: {each.message}")
    for message in messages:
        if message.batch and short_name(stack, message.batch.function_name) == state.function:
            return replace(state, verdict=Verdict.WAITING, why=f"given up: {message.batch.condition}")
    return state
