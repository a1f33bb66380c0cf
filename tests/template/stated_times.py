"""The times that the runbook states for its alarms."""

import re
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cache

from template.application import ROOT

_ROW = re.compile(r"^\| (?P<alarms>`[^|]+`) \| (?P<fires>\d+) min \| (?P<clears>\d+) min \|", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Stated:
    """Seconds within which the alarms that match a pattern fire, and within which they are OK again."""

    patterns: tuple[str, ...]
    fires: float
    clears: float


@cache
def stated_times() -> tuple[Stated, ...]:
    text = (ROOT / "docs" / "runbook.md").read_text()
    return tuple(
        Stated(
            tuple(each.replace("…", "*") for each in re.findall(r"`([^`]+)`", row["alarms"])),
            60.0 * int(row["fires"]),
            60.0 * int(row["clears"]),
        )
        for row in _ROW.finditer(text)
    )


def stated_of(alarm: str) -> Stated:
    """Return the row of an alarm: the one whose pattern is the longest; raise LookupError if there is none."""
    matching = [
        (len(pattern), row) for row in stated_times() for pattern in row.patterns if fnmatchcase(alarm, pattern)
    ]
    if not matching:
        raise LookupError(f"docs/runbook.md states no times for {alarm}")
    return max(matching, key=lambda each: each[0])[1]
