"""The figures of some runs together, and how they are told."""

import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from simulation.faults import Fault
from simulation.play import RunOutcome

MOST_VIOLATIONS = 5
"""Told of one run."""


@dataclass(slots=True)
class Figures:
    """Sums over runs."""

    runs: int = 0
    failed: int = 0
    changes: int = 0
    calls: int = 0
    hours: float = 0.0
    faults: Counter[Fault] = field(default_factory=Counter)
    deliveries: Counter[str] = field(default_factory=Counter)
    parked: Counter[str] = field(default_factory=Counter)
    metrics: Counter[str] = field(default_factory=Counter)

    def add(self, outcome: RunOutcome) -> None:
        """Add a run."""
        self.runs += 1
        self.failed += bool(outcome.violations)
        self.changes += outcome.changes
        self.calls += outcome.calls
        self.hours += outcome.hours
        self.faults.update(outcome.faults)
        self.deliveries.update(outcome.deliveries)
        self.parked.update(outcome.parked)
        self.metrics.update(outcome.metrics)


def told(outcome: RunOutcome, changes: int) -> Iterator[str]:
    """Yield what there is to say of a run in which a guarantee does not hold."""
    if not outcome.violations:
        return
    yield f"\nseed {outcome.seed}: {len(outcome.violations)} violations"
    for violation in outcome.violations[:MOST_VIOLATIONS]:
        yield f"  {violation.function}: {violation.subject}: {violation.problem}"
        yield from (f"      {line}" for line in outcome.explanations.get(violation, ()))
    yield f"  replay: make simulate SEED={outcome.seed} CHANGES={changes}"


def progress(figures: Figures, seconds: float) -> None:
    """Tell on one line of a terminal how far it is."""
    if sys.stderr.isatty() or figures.runs % 100 == 0:
        ends = "\r" if sys.stderr.isatty() else "\n"
        speed = figures.changes / seconds
        line = f"{figures.runs} runs, {figures.changes} changes, {speed:.0f}/s, {figures.failed} failed"
        print(line, end=ends, file=sys.stderr, flush=True)


def table(figures: Figures, seconds: float) -> str:
    """Return the figures as lines."""
    rows: list[tuple[str, object]] = [
        ("runs", figures.runs),
        ("runs in which a guarantee did not hold", figures.failed),
        ("changes", figures.changes),
        ("calls of AWS by functions", figures.calls),
        ("virtual hours", round(figures.hours)),
        ("seconds", round(seconds)),
        ("changes a second", round(figures.changes / seconds)),
    ]
    rows += [(f"records delivered to {function}", count) for function, count in sorted(figures.deliveries.items())]
    rows += [("records superseded", int(figures.metrics["Superseded"]))]
    rows += [("records redriven", int(figures.metrics["Redriven"]))]
    rows += [(f"parked in the end: {reason}", count) for reason, count in sorted(figures.parked.items())]
    rows += [(f"fault: {fault}", figures.faults[fault]) for fault in Fault if figures.faults[fault]]
    rows += [("kinds of fault", sum(1 for fault in Fault if figures.faults[fault]))]
    width = max(len(name) for name, _ in rows)
    return "\n".join(f"{name:<{width}}  {value:>12,}" for name, value in rows)
