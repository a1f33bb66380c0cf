"""The rule of every view of the newest state, be it rows, documents or memberships.

A row carries the position of the change that wrote it. So what it says has to be what that change left; every later
change has to be excused, a good one because it is parked or expired, a malformed one for the same; and a change before
needs no excuse, since it was applied or superseded.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from simulation.checks.violation import Violation


@dataclass(frozen=True, slots=True)
class ItemStep[Source]:
    """One change of an item as a view sees it: its position, whether the view can understand it, its records."""

    position: int
    is_good: bool
    numbers: Sequence[str]
    source: Source


@dataclass(frozen=True, slots=True)
class Row[Content]:
    """What a view has of an item: the position that it carries, and what it says."""

    position: int
    content: Content


def check[Source, Content](
    function: str,
    subject: str,
    steps: Sequence[ItemStep[Source]],
    row: Row[Content] | None,
    differs: Callable[[Source, Content], str | None],
    excused: Callable[[Sequence[str]], bool],
) -> Iterator[Violation]:
    """Yield what is wrong with the row of one item; ``differs`` says in what a row differs from what a change left."""
    if row is not None:
        applied = next((step for step in steps if step.position == row.position), None)
        if applied is None:
            yield Violation(function, subject, f"carries position {row.position}, which no change has")
            return
        if not applied.is_good:
            yield Violation(function, subject, "shows a change that is malformed", tuple(applied.numbers))
        if difference := differs(applied.source, row.content):
            yield Violation(function, subject, difference, tuple(applied.numbers))
    for step in steps:
        if (row is None or step.position > row.position) and not excused(step.numbers):
            what = "good" if step.is_good else "malformed"
            shown = f"position {row.position}" if row else "nothing"
            problem = f"a {what} change at {step.position} is neither applied nor parked nor reported: {shown} is there"
            yield Violation(function, subject, problem, tuple(step.numbers))
