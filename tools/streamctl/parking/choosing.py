"""Which parked objects a command is about: those that are named, or all that fit a description."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from time import time

from changestream.wire.parked_object import PREFIX
from streamctl.exits import Exit, Trouble
from streamctl.parking.objects import ParkedObject, ParkedObjects, day_of
from streamctl.replaying.consumers import KNOWN, logical_id
from streamctl.together import together

DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)


@dataclass(frozen=True, slots=True)
class Description:
    """What parked objects have in common; ``None`` for whatever it may be."""

    function: str | None = None
    day: str | None = None
    reason: str | None = None
    standing: str | None = None

    def prefix(self, outputs: Mapping[str, str]) -> str:
        """Return what the keys begin with, as far as that is known. Raises ``Trouble`` for a day that is none."""
        if self.day and not DAY.fullmatch(self.day):
            raise Trouble(Exit.USAGE, f"{self.day} is no day: 2026-11-21 is expected")
        if not self.function:
            return PREFIX
        day = f"{self.day.replace('-', '/')}/" if self.day else ""
        return f"{PREFIX}{_physical(self.function, outputs)}/{day}"

    def fits(self, parked: ParkedObject) -> bool:
        """Tell whether an object whose key fits is one of these."""
        wanted = [(self.reason, parked.reason), (self.standing, parked.standing(time()))]
        return all(each in (None, found) for each, found in wanted)


def described(objects: ParkedObjects, description: Description, outputs: Mapping[str, str]) -> Iterator[ParkedObject]:
    """Return the parked objects that fit a description, in the order of their keys. Reads all that fit by their key."""
    keys = objects.keys(description.prefix(outputs))
    loaded = together(objects.load, (key for key in keys if description.day in (None, day_of(key))))
    return (parked for parked in loaded if parked and description.fits(parked))


def chosen(
    objects: ParkedObjects, keys: Sequence[str], description: Description, outputs: Mapping[str, str]
) -> list[ParkedObject]:
    """Return the objects that a command is to change.

    Raises ``Trouble`` for a key that is not there, or of nothing that is parked, and where neither keys nor anything of
    a description is given: all there is, is not what somebody means who says nothing.
    """
    if bool(keys) == any((description.function, description.day, description.reason, description.standing)):
        raise Trouble(Exit.USAGE, "either keys or a description is expected", "For example --function count_tasks.")
    if not keys:
        return list(described(objects, description, outputs))
    return [required(objects, key) for key in keys]


def required(objects: ParkedObjects, key: str) -> ParkedObject:
    """Return an object by its key. Raises ``Trouble`` where there is none."""
    if not key.startswith(PREFIX):
        raise Trouble(Exit.USAGE, f"{key} is no key of a parked object", f"They begin with {PREFIX}")
    parked = objects.load(key)
    if parked is None:
        raise Trouble(
            Exit.MISSING, f"{key} is not parked", "It was applied or discarded meanwhile, or never was there."
        )
    return parked


def _physical(function: str, outputs: Mapping[str, str]) -> str:
    """Return the name by which keys know a function: by its folder, its logical id, or the name itself."""
    logical = {logical_id(name): name for name in KNOWN}
    candidates = (logical_id(function), function) if function not in logical else (function,)
    return next((outputs[f"{name}Name"] for name in candidates if f"{name}Name" in outputs), function)
