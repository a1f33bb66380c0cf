"""Which changes a person wants to see."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from fnmatch import fnmatchcase

import typer

from changestream.core.change import Change, ChangeKind
from streamctl.images import differences, key_text, plain
from streamctl.reading.seen import Seen

AGO = re.compile(r"(?P<number>\d+(\.\d+)?)\s*(?P<unit>s|m|min|h|d)")
SECONDS = {"s": 1, "m": 60, "min": 60, "h": 3600, "d": 86_400}


@dataclass(frozen=True, slots=True)
class Sought:
    """Filters, all of which a change has to pass.

    A record that cannot be understood passes if there are none. A record of another table never passes.
    """

    kinds: Sequence[ChangeKind] = ()
    key: str = ""
    where: Sequence[tuple[str, str]] = ()
    changed: Sequence[str] = ()

    def passes(self, seen: Seen) -> bool:
        """Tell whether a person wants to see it."""
        if seen.foreign:
            return False
        if seen.change is None:
            return not (self.kinds or self.key or self.where or self.changed)
        return self._kind(seen.change) and self._key(seen.change) and self._images(seen.change)

    def _kind(self, change: Change) -> bool:
        return not self.kinds or change.kind in self.kinds

    def _key(self, change: Change) -> bool:
        if not self.key:
            return True
        pattern = self.key.replace("[", "[[]")  # of fnmatch's patterns, only * and ? are meant: a key may have brackets
        values = [plain(value) for value in change.keys.values()]
        return any(fnmatchcase(text, pattern) for text in (key_text(change.keys), *values))

    def _images(self, change: Change) -> bool:
        item = change.new_image or change.old_image or {}
        differing = {each.name for each in differences(change.old_image, change.new_image)}
        has = all(name in item and plain(item[name]) == value for name, value in self.where)
        return has and all(name in differing for name in self.changed)


def pairs(texts: Sequence[str]) -> list[tuple[str, str]]:
    """Return ``NAME=VALUE`` in two parts each."""
    malformed = [text for text in texts if "=" not in text]
    if malformed:
        raise typer.BadParameter(f"{malformed[0]!r} is not NAME=VALUE")
    return [(name, value) for name, _, value in (text.partition("=") for text in texts)]


def moment(text: str, now: float) -> float:
    """Return epoch seconds of an ISO time (UTC unless it says otherwise) or of a time ago: ``90s``, ``10m``, ``2h``."""
    if ago := AGO.fullmatch(text.strip()):
        seconds = now - float(ago["number"]) * SECONDS[ago["unit"]]
    else:
        try:
            found = datetime.fromisoformat(text)
        except ValueError:
            raise typer.BadParameter(f"{text!r} is neither a time ago (90s, 10m, 2h, 1d) nor an ISO time") from None
        seconds = (found if found.tzinfo else found.replace(tzinfo=UTC)).timestamp()
    if seconds < 0:
        raise typer.BadParameter(f"{text!r} is before 1970")
    return seconds
