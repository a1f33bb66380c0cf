"""Two images of an item as a person compares them: path by path, whatever an item holds."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

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
