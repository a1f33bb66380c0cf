"""The newest change of an item: its history first, then the streams where the history may lack something."""

from collections.abc import Iterator
from dataclasses import dataclass

from changestream.core.change import Change
from streamctl.exits import Trouble
from streamctl.explaining.current import CurrentItems
from streamctl.explaining.kept import newest_revisions, seconds_between
from streamctl.explaining.scans import SCAN_SECONDS, Scans
from streamctl.images import key_text
from streamctl.reading.failing import add_measures
from streamctl.reading.following import Start
from streamctl.reading.mappings import mappings
from streamctl.reading.seen import Seen
from streamctl.reading.streams import StreamName
from streamctl.stack import Stack
from streamctl.troubles import FORESEEN
from streamctl.words import duration

LAGGING_SECONDS = 60
"""A history that is further behind is named as a reason for doubt."""

RECORDER = "RecordHistory"


@dataclass(frozen=True, slots=True)
class Newest:
    """The newest change that was found.

    ``is_newest`` is true if the table's item is as the change left it, false if it is not, so that a newer change
    exists, and ``None`` if that could not be found out. ``doubts`` says why it may not be the newest.
    """

    seen: Seen
    is_newest: bool | None
    doubts: tuple[str, ...] = ()


class NewestChange:
    """Looks for the newest change of an item of the table."""

    def __init__(self, stack: Stack, scans: Scans) -> None:
        self._stack = stack
        self._scans = scans
        self._items = CurrentItems(stack)
        self._unreadable: list[str] = []

    def of(self, key: str) -> Newest | None:
        """Return the newest change of ``LIST/TASK``; ``None`` if nothing has one.

        A stream is read only if what was found so far is not as the table's item is now.
        """
        best: Seen | None = None
        for look in (self._kept, self._tip, self._of_table):
            for each in look(key, best):
                best = each if _is_newer(each, best) else best
            if best and best.change and self._items.is_as_left_by(best.change):
                return Newest(best, is_newest=True)
        if best is None or best.change is None:
            return None
        is_newest = self._items.is_as_left_by(best.change)
        return Newest(best, is_newest, () if is_newest else tuple(self._doubts(is_newest)))

    def _kept(self, key: str, _: Seen | None) -> Iterator[Seen]:
        """Give the newest revision of the history, and remember the rows that cannot be read."""
        for each in newest_revisions(self._stack, key):
            if each.change:
                yield each
            else:
                self._unreadable.append(str(each.poison))

    def _tip(self, key: str, best: Seen | None) -> Iterator[Seen]:
        """Give the changes in the capture since the newest that is known."""
        yield from self._of_key(StreamName.CHANGES, key, best)

    def _of_table(self, key: str, best: Seen | None) -> Iterator[Seen]:
        """Give the changes in the table's own stream: some may not be captured."""
        yield from self._of_key(StreamName.TABLE, key, best)

    def _of_key(self, name: StreamName, key: str, best: Seen | None) -> Iterator[Seen]:
        time = best.change.time if best and best.change else None
        start = Start(horizon=True) if time is None else Start(since=max(int(time) - 1, 0))
        for each in self._scans.stretch(name, start):
            if each.change and key_text(each.change.keys) == key:
                yield each

    def _doubts(self, is_newest: bool | None) -> Iterator[str]:
        if is_newest is None:
            yield f"the item could not be compared with the table: {self._items.problem}"
        else:
            yield "the table's item is not as this change left it: a newer change exists that was not found"
        for name in self._scans.cut:
            yield f"the stream {name} was read for {SCAN_SECONDS} s, and not to its newest record"
        yield from self._unreadable
        yield from self._doubts_of_history()

    def _doubts_of_history(self) -> Iterator[str]:
        try:
            found = [each for each in mappings(self._stack) if each["function"] == RECORDER]
            add_measures(self._stack, found)
        except (*FORESEEN, Trouble):  # the command works without these permissions
            return
        for each in found:
            if each["state"] != "Enabled":
                yield f"the mapping of {RECORDER} is {each['state']}: the history ends where it stopped"
            elif each["lagSeconds"] and each["lagSeconds"] > LAGGING_SECONDS:
                yield f"the history is {duration(each['lagSeconds'])} behind"
        if not found:
            yield f"no mapping feeds {RECORDER}: the history ends where it stopped"


def _is_newer(one: Seen, other: Seen | None) -> bool:
    """Compare two changes of an item. Positions of different streams do not compare: there the times do.

    A change without a time is not newer than one of another stream.
    """
    if other is None or other.change is None or one.change is None:
        return other is None
    if one.stream == other.stream:
        return one.change.position > other.change.position
    if one.change.time is None or other.change.time is None:
        return False
    return int(one.change.time) > int(other.change.time) or _follows(one.change, other.change)


def _follows(one: Change, other: Change) -> bool:
    """Tell whether a change within the same second begins with what another left."""
    same_second = seconds_between(one, other) == 0
    return same_second and one.digest() != other.digest() and one.old_image == other.new_image
