"""The change that a person asks about: given by its number, its event's id, or its item."""

import re
from dataclasses import dataclass, replace

from changestream.core.change import Change
from streamctl.exits import Exit, Trouble
from streamctl.explaining.kept import from_parked, revision_of, seconds_between
from streamctl.explaining.newest import Newest, NewestChange
from streamctl.explaining.scans import SCAN_SECONDS, Scans
from streamctl.explaining.views import counted_position
from streamctl.images import key_text
from streamctl.reading.following import Start
from streamctl.reading.seen import Seen
from streamctl.reading.streams import StreamName
from streamctl.stack import Stack

NUMBER = re.compile(r"(?:(?P<shard>shardId-[\w-]+):)?(?P<number>\d{15,60})", re.ASCII)
"""A sequence number, by itself or as Lambda's event id of a Kinesis record has it."""

EVENT_ID = re.compile(r"[0-9a-fA-F]{32}|[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}", re.ASCII)
"""The event id of a record of a table, and of its capture."""

CAPTURE_SECONDS = 900
"""How long after a change its record in ChangeStream is still looked for: the capture takes seconds."""


@dataclass(frozen=True, slots=True)
class Subject:
    """One change as its streams have it. A change of a task is in two of them: ``of_table``, and as ``captured``.

    ``None`` where it could not be found: it is trimmed, or not captured yet. ``is_newest`` and ``doubts`` are those of
    ``Newest``; ``None`` and empty where a certain change was asked for.
    """

    asked: str
    of_table: Seen | None = None
    captured: Seen | None = None
    of_ledger: Seen | None = None
    is_newest: bool | None = None
    doubts: tuple[str, ...] = ()

    @property
    def sightings(self) -> list[Seen]:
        """Where it was seen."""
        return [each for each in (self.of_table, self.captured, self.of_ledger) if each]

    @property
    def change(self) -> Change | None:
        """Return the change, ``None`` if no record of it can be understood."""
        return next((each.change for each in self.sightings if each.change), None)


class Search:
    """Looks for a change, in the streams for ``SCAN_SECONDS`` at most."""

    def __init__(self, stack: Stack) -> None:
        self._stack = stack
        self._scans = Scans(stack)

    def find(self, asked: str) -> Subject:
        """Return the change. Raises ``Trouble`` where no stream has it any more, and nothing kept it either."""
        numbered = NUMBER.fullmatch(asked)
        if numbered:
            number = numbered["number"]
            seen = self._scans.by_number(number, numbered["shard"]) or from_parked(self._stack, number)
            found = Newest(seen, is_newest=None) if seen else None
        else:
            found = self._by_name(asked)
        if found is None:
            raise self._missing(asked)
        return self._both(_subject(asked, found))

    def _missing(self, asked: str) -> Trouble:
        if self._scans.cut:
            read = f"{', '.join(self._scans.cut)} within {SCAN_SECONDS} s"
            hint = "The streams hold more than that. Ask for the record's sequence number: the consumers log it."
            return Trouble(Exit.MISSING, f"{asked} is not in what could be read of {read}", hint)
        hint = "It is trimmed, not written yet, or of another stack."
        return Trouble(Exit.MISSING, f"no stream has {asked}, nor is it parked or in the history", hint)

    def _by_name(self, asked: str) -> Newest | None:
        """Return the newest change of an item, or the change with an event id. An item of the table has a "/"."""
        if "/" in asked and (found := NewestChange(self._stack, self._scans).of(asked)):
            return found
        names = list(StreamName)
        if not EVENT_ID.fullmatch(asked):
            names = [StreamName.LEDGER] if "/" in asked else names[::-1]
        found_in = (self._in_stream(name, asked) for name in names)
        return next(filter(None, found_in), None)

    def _in_stream(self, name: StreamName, asked: str) -> Newest | None:
        newest: Seen | None = None
        for each in self._scans.stretch(name, Start(horizon=True)):
            change = each.change
            if change and change.event_id == asked:
                return Newest(each, is_newest=None)
            if change and key_text(change.keys) == asked and _is_newer(change, newest):
                newest = each
        if newest is None:
            return None
        cut = name in self._scans.cut
        doubts = (f"the stream {name} was read for {SCAN_SECONDS} s, and not to its newest record",) if cut else ()
        return Newest(newest, is_newest=None if cut else True, doubts=doubts)

    def _both(self, subject: Subject) -> Subject:
        """Find the change in the streams in which it was not seen: the same images of an item, within a second."""
        if subject.of_ledger or subject.change is None:
            return subject
        if subject.captured is None or not subject.captured.shard_id:
            captured = self._sighting(StreamName.CHANGES, subject.change)
            subject = replace(subject, captured=captured or subject.captured)
        if subject.captured is None and subject.change:
            subject = replace(subject, captured=revision_of(self._stack, subject.change))
        if subject.of_table is None and subject.change:
            of_table = self._counted(subject.change) or self._sighting(StreamName.TABLE, subject.change)
            subject = replace(subject, of_table=of_table)
        return subject

    def _counted(self, change: Change) -> Seen | None:
        """Return the record in the table's stream if it is the last that ``count_tasks`` applied: one read finds it."""
        position = counted_position(self._stack, change)
        found = self._scans.by_number(str(int(position))) if position else None
        return found if found and found.change and _is_same(found.change, change) else None

    def _sighting(self, name: StreamName, change: Change) -> Seen | None:
        if change.time is None:
            return None
        delay = CAPTURE_SECONDS if name is StreamName.CHANGES else 2
        start = Start(since=max(int(change.time) - 1, 0), until=change.time + delay)
        found = (each for each in self._scans.stretch(name, start) if each.change and _is_same(each.change, change))
        return next(found, None)


def _subject(asked: str, found: Newest) -> Subject:
    subject = Subject(asked, is_newest=found.is_newest, doubts=found.doubts)
    match found.seen.stream:
        case StreamName.TABLE:
            return replace(subject, of_table=found.seen)
        case StreamName.CHANGES:
            return replace(subject, captured=found.seen)
        case _:
            return replace(subject, of_ledger=found.seen)


def _is_newer(change: Change, than: Seen | None) -> bool:
    return than is None or than.change is None or change.position > than.change.position


def _is_same(one: Change, other: Change) -> bool:
    """Tell whether two records are of one change: the same images of the same item, within a second."""
    return seconds_between(one, other) <= 1 and one.item == other.item and one.digest() == other.digest()
