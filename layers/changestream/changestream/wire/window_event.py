"""Events of tumbling windows, and the state that they carry (Developer Guide, "Implementing stateful processing").

The state is JSON, and Lambda ends a window early whose state is above 1 MB. So observations travel as base64 text, and
only the groups that a batch touches are unpacked.
"""

import json
from base64 import b64decode, b64encode
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from changestream.core.observation_set import apart, together
from changestream.core.quoting import LONGEST_QUOTE, quoted, shortened
from changestream.core.sequence_number import SequenceNumber
from changestream.core.tumbling import Gathered, Gathering, Span, Window

VERSION = 1
STATE_LIMIT_BYTES = 900_000
"""Of a state that is given back: below 1 MB however it is counted."""

END_OF_TIME = datetime(9999, 12, 31, tzinfo=UTC).timestamp()
"""Of dates that can be written down."""


class State:
    """What a window carries from invocation to invocation: a mapping ``{"version", "span", "groups"}``, or nothing yet.

    It is changed in place by ``gather``; ``document`` is what goes back to Lambda.
    """

    def __init__(self, document: Mapping[str, Any]) -> None:
        """Raises ``ValueError`` for a document that is not of this version: half understood, it would lose changes."""
        self._groups: dict[str, Any] = {}
        self._span: Span | None = None
        if document == {}:
            return
        try:
            if document["version"] != VERSION:
                raise ValueError(f"version {quoted(document['version'])} is not {VERSION}")
            self._groups = {name: [str(packed), int(more)] for name, (packed, more) in document["groups"].items()}
            self._span = _span(document["span"])
        except (ValueError, KeyError, TypeError, AttributeError, OverflowError) as error:
            raise ValueError(f"a window's state that nobody here has written: {_explained(error)}") from None

    def gather(self, span: Span | None, observations: Mapping[str, Iterable[bytes]]) -> int:
        """Unite the observations of a stretch of the shard, by group; return how many of them were repeats."""
        repeated = 0
        for group, packed in observations.items():
            gathered = self._gathered(group)
            known = gathered.repeated
            gathered.gather(packed)
            repeated += gathered.repeated - known
            self._groups[group] = [b64encode(together(gathered.observations)).decode(), gathered.repeated]
        if span:
            self._span = self._span.joined(span) if self._span else span
        return repeated

    def gathering(self) -> Gathering | None:
        """Return all that was gathered, ``None`` where there was no record."""
        if self._span is None:
            return None
        return Gathering({group: self._gathered(group) for group in self._groups}, self._span)

    def document(self) -> dict[str, Any]:
        """Return the state as JSON; ``{}`` where nothing was gathered."""
        if self._span is None:
            return {}
        return {"version": VERSION, "span": _span_document(self._span), "groups": self._groups}

    def is_full(self) -> bool:
        """Tell whether it has outgrown what may be given back."""
        return len(json.dumps(self.document(), separators=(",", ":"))) > STATE_LIMIT_BYTES

    def _gathered(self, group: str) -> Gathered:
        packed, repeated = self._groups.get(group, ("", 0))
        return Gathered(apart(b64decode(packed, validate=True)), repeated)


def _explained(error: Exception) -> str:
    """Return why a state is refused. An error of another type than ``ValueError`` says nothing of the state."""
    return shortened(str(error), LONGEST_QUOTE) if isinstance(error, ValueError) else "a member is missing or malformed"


def window(event: Mapping[str, Any]) -> Window | None:
    """Return the window of an event, ``None`` for an event without one: recovery delivers records bare."""
    if "window" not in event:
        return None
    return Window(
        start=datetime.fromisoformat(event["window"]["start"]).timestamp(),
        end=datetime.fromisoformat(event["window"]["end"]).timestamp(),
        shard_id=event["shardId"],
        stream_arn=event["eventSourceARN"],
        is_final=event["isFinalInvokeForWindow"],
        is_terminated_early=event["isWindowTerminatedEarly"],
    )


def state(event: Mapping[str, Any]) -> State:
    """Return the state of an event, which a window begins without. Raises what ``State`` raises."""
    return State(event.get("state") or {})


def span(event: Mapping[str, Any]) -> Span | None:
    """Return the stretch of the shard that the records of an event are, ``None`` where there are none."""
    bodies = [record["kinesis"] for record in event["Records"]]
    if not bodies:
        return None
    first, last = bodies[0], bodies[-1]
    return Span(
        SequenceNumber.parse(first["sequenceNumber"]),
        SequenceNumber.parse(last["sequenceNumber"]),
        len(bodies),
        _arrival(first, event),
        _arrival(last, event),
    )


def _arrival(body: Mapping[str, Any], event: Mapping[str, Any]) -> float:
    """Return when a record came; where it does not tell, when its window began, so that poison can be handed over."""
    arrival = body.get("approximateArrivalTimestamp")
    if isinstance(arrival, int | float) and 0 <= arrival < END_OF_TIME:
        return arrival
    return datetime.fromisoformat(event["window"]["start"]).timestamp()


def _span(document: Mapping[str, Any]) -> Span:
    return Span(
        SequenceNumber.parse(document["start"]),
        SequenceNumber.parse(document["end"]),
        int(document["records"]),
        float(document["firstArrival"]),
        float(document["lastArrival"]),
    )


def _span_document(span: Span) -> dict[str, Any]:
    return {
        "start": span.start.text,
        "end": span.end.text,
        "records": span.records,
        "firstArrival": span.first_arrival,
        "lastArrival": span.last_arrival,
    }
