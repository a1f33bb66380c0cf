"""Which parked objects a command is about: those that are named, or all that fit a description."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from time import time

from changestream.core.failed_batch import ParkReason
from changestream.core.redrive import Standing
from changestream.wire.parked_object import PREFIX
from streamctl.exits import Exit, Trouble
from streamctl.functions import physical_name
from streamctl.parking.names import key_of
from streamctl.parking.objects import FOREIGN, UNDATED, ParkedObject, ParkedObjects, day_of
from streamctl.suggestions import listed
from streamctl.together import together

DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
REASONS = (*ParkReason, FOREIGN)
STANDINGS = (*Standing, FOREIGN)


@dataclass(frozen=True, slots=True)
class Description:
    """What parked objects have in common; ``None`` for whatever it may be."""

    function: str | None = None
    day: str | None = None
    reason: str | None = None
    standing: str | None = None

    @property
    def is_empty(self) -> bool:
        """Whether it fits every object."""
        return not any((self.function, self.day, self.reason, self.standing))

    def prefix(self, objects: ParkedObjects, functions: Mapping[str, str], today: date) -> str:
        """Return what the keys begin with, as far as that is known.

        Raises ``Trouble`` for a value that no object can have: an unknown function, reason or standing, or a day that
        no record can have arrived on.
        """
        _require_known("reason", self.reason, REASONS)
        _require_known("standing", self.standing, STANDINGS)
        if self.day:
            _require_day(self.day, today)
        if not self.function:
            return PREFIX
        day = f"{self.day.replace('-', '/')}/" if self.day else ""
        return f"{PREFIX}{physical_name(self.function, functions, objects.functions)}/{day}"

    def fits(self, parked: ParkedObject) -> bool:
        """Tell whether an object whose key fits is one of these."""
        wanted = [(self.reason, parked.reason), (self.standing, parked.standing(time()))]
        return all(each in (None, found) for each, found in wanted)


def described(objects: ParkedObjects, description: Description, functions: Mapping[str, str]) -> Iterator[ParkedObject]:
    """Return the parked objects that fit a description, in the order of their keys. Reads all that fit by their key."""
    keys = objects.keys(description.prefix(objects, functions, datetime.now(UTC).date()))
    loaded = together(objects.load, (key for key in keys if description.day in (None, day_of(key))))
    return (parked for parked in loaded if parked and description.fits(parked))


def chosen(
    objects: ParkedObjects, keys: Sequence[str], description: Description, functions: Mapping[str, str]
) -> list[ParkedObject]:
    """Return the objects that a command is to change, each once.

    Raises ``Trouble`` for a key that is not there, or of nothing that is parked, and where neither keys nor anything of
    a description is given: all there is, is not what somebody means who says nothing.
    """
    if bool(keys) != description.is_empty:
        raise Trouble(Exit.USAGE, "either keys or a description is expected", "For example --function count_tasks.")
    if not keys:
        return list(described(objects, description, functions))
    named = {parked.key: parked for parked in (required(objects, key) for key in keys)}
    return list(named.values())


def required(objects: ParkedObjects, asked: str) -> ParkedObject:
    """Return an object by its key, the beginning of its key, or its id. Raises ``Trouble`` where that is not one."""
    parked = objects.load(asked) if asked.startswith(PREFIX) else None
    if parked is None:
        key = key_of(asked, objects.keys)
        parked = objects.load(key)
    if parked is None:
        raise Trouble(Exit.MISSING, f"{asked} is not parked any more", "It was applied or discarded meanwhile.")
    return parked


def _require_known(what: str, asked: str | None, known: Sequence[str]) -> None:
    if asked is not None and asked not in known:
        raise Trouble(Exit.USAGE, f"there is no {what} {asked}", listed(asked, known))


def _require_day(text: str, today: date) -> None:
    """Raise ``Trouble`` for a day that is not in the calendar, or is not here yet."""
    if text == UNDATED:
        return
    try:
        day = date.fromisoformat(text) if DAY.fullmatch(text) else None
    except ValueError:
        day = None
    if day is None:
        raise Trouble(Exit.USAGE, f"{text} is no day", f"A day is written {today}; {UNDATED} is for records without.")
    if day > today:
        raise Trouble(Exit.USAGE, f"nothing can have arrived on {text} yet", f"Days are those of UTC: it is {today}.")
