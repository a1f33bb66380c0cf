"""Two images of an item as a person compares them: path by path, whatever an item holds."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from streamctl.images import plain

Value = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Differing:
    """What stands at a path before and after; ``None`` where nothing does."""

    path: str
    before: Value | None
    after: Value | None

    def document(self) -> dict[str, Any]:
        return {"path": self.path, "before": self.before, "after": self.after}


def compared(old: Value | None, new: Value | None, within: str = "") -> Iterator[Differing]:
    """Return what differs between two images, maps looked into, in the order of the paths."""
    before, after = old or {}, new or {}
    for name in sorted({*before, *after}):
        was, now = before.get(name), after.get(name)
        if was == now:
            continue
        if was and now and "M" in was and "M" in now:
            yield from compared(was["M"], now["M"], f"{within}{name}.")
        else:
            yield Differing(f"{within}{name}", was, now)


def shown(value: Value | None) -> str:
    """Return a value as text that does nothing to a terminal but stand there."""
    return printable(plain(value))


def printable(text: str) -> str:
    """Return a text with everything escaped that is not to be seen: it comes from whoever wrote the item."""
    return "".join(each if each.isprintable() else ascii(each)[1:-1] for each in text)
