"""Rows of measures: the figures of some changes of one list in one window, and which changes they are.

A row's key says what is in it: the window, and a digest of the observations. So the same changes make the same row, and
others another; nothing that is written again, in whatever pieces, adds to the view or takes from it. Rows may overlap:
``measures`` reads them.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from hashlib import sha256
from itertools import batched
from typing import Any

from changestream.core.observation_set import apart
from changestream.core.tumbling import Gathered
from tasks.measures import Measures, measure, merged
from tasks.observation import Completion, MeasuredKind

SECONDS_PER_DAY = 86_400
MOST_OBSERVATIONS = 15_000
"""In a row: 300 KB, where DynamoDB's limit is 400."""

Row = Mapping[str, Any]


def rows(list_id: str, window_start: float, gathered: Gathered, days: int) -> Iterator[Row]:
    """Yield the rows of a list, which expire so many days after the beginning of their window."""
    repeated = gathered.repeated
    for some in batched(sorted(gathered.observations.values()), MOST_OBSERVATIONS, strict=False):
        yield _row(list_id, window_start, b"".join(some), repeated, days)
        repeated = 0


def measures(list_rows: Iterable[Row]) -> Measures:
    """Return the figures of all changes in some rows of one list, as boto3 reads them, each change counted once."""
    return merged(bytes(row["observations"]["B"]) for row in list_rows)


def _row(list_id: str, window_start: float, packed: bytes, repeated: int, days: int) -> Row:
    begins = datetime.fromtimestamp(window_start, UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    digest = sha256(packed).hexdigest()[:16]
    return {
        "listId": {"S": list_id},
        "window": {"S": f"{begins}#{digest}"},
        "observations": {"B": packed},
        "repeated": {"N": str(repeated)},
        "expiresAt": {"N": str(int(window_start) + days * SECONDS_PER_DAY)},
    } | {name: {"N": text} for name, text in _figures(measure(apart(packed))).items()}


def _figures(of: Measures) -> dict[str, str]:
    counts = {
        "inserted": of.kinds[MeasuredKind.INSERTED],
        "modified": of.kinds[MeasuredKind.MODIFIED],
        "removedByCaller": of.kinds[MeasuredKind.REMOVED],
        "removedByTimeToLive": of.kinds[MeasuredKind.EXPIRED],
        "tasks": of.tasks,
        "late": of.late,
        "completed": of.completions[Completion.TIMED],
        "completedBackwards": of.completions[Completion.BACKWARDS],
        "completedUntimed": of.completions[Completion.UNTIMED],
    }
    seconds = {"openSecondsMean": of.mean_seconds, "openSecondsP95": of.p95_seconds}
    return {name: str(count) for name, count in counts.items()} | {
        name: f"{length:.3f}" for name, length in seconds.items() if length is not None
    }
