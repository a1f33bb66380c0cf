"""Figures of a set of observed changes."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from changestream.core.observation_set import Observations, apart, unite
from changestream.core.sketch import Sketch
from tasks.observation import Completion, MeasuredKind, unpacked


@dataclass(frozen=True, slots=True)
class Measures:
    """Changes by kind, the tasks they were of, and how long tasks that became done had been open.

    ``completions`` counts changes that made their task done: timed ones are in ``total_milliseconds`` and ``sketch``;
    backwards are those of tasks created after they were done, as clocks that disagree have it; the date of creation of
    an untimed one cannot be read.
    """

    kinds: Counter[MeasuredKind] = field(default_factory=Counter)
    tasks: int = 0
    late: int = 0
    completions: Counter[Completion] = field(default_factory=Counter)
    total_milliseconds: int = 0
    sketch: Sketch = field(default_factory=Sketch)

    @property
    def changes(self) -> int:
        """How many changes there are."""
        return self.kinds.total()

    @property
    def mean_seconds(self) -> float | None:
        """The mean time from open to done, ``None`` where there is none."""
        timed = self.completions[Completion.TIMED]
        return self.total_milliseconds / timed / 1000 if timed else None

    @property
    def p95_seconds(self) -> float | None:
        """The time from open to done that 95 in 100 do not exceed, to one per cent."""
        p95 = self.sketch.quantile(0.95)
        return None if p95 is None else p95 / 1000

    def merge(self, other: "Measures") -> "Measures":
        """Return the figures of both where they have no change and no task in common, as two lists have not."""
        return Measures(
            self.kinds + other.kinds,
            self.tasks + other.tasks,
            self.late + other.late,
            self.completions + other.completions,
            self.total_milliseconds + other.total_milliseconds,
            self.sketch.merge(other.sketch),
        )


def measure(observations: Observations) -> Measures:
    """Return the figures of a set of changes."""
    observed = [unpacked(packed) for packed in observations.values()]
    durations = [one.milliseconds for one in observed if one.completion is Completion.TIMED]
    return Measures(
        kinds=Counter(one.kind for one in observed),
        tasks=len({one.task for one in observed}),
        late=sum(one.late for one in observed),
        completions=Counter(one.completion for one in observed if one.completion),
        total_milliseconds=sum(durations),
        sketch=Sketch.of(durations),
    )


def merged(rows: Iterable[bytes]) -> Measures:
    """Return the figures of all changes in the ``observations`` of some rows of one list, each change counted once.

    This is how the view is read: rows may overlap, wherever records came twice, and their own figures must not be
    added up.
    """
    union: Observations = {}
    for packed in rows:
        unite(apart(packed).values(), union)
    return measure(union)
