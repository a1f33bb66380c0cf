"""`python -m simulation`: plays seeds until so many changes are made, and tells what was found and what it took."""

import argparse
import sys
from time import monotonic

from simulation.figures import Figures, progress, table, told
from simulation.runs import outcomes

CHANGES_OF_A_RUN = 1000
"""Where only the sum is given: more runs see more combinations, longer ones spend less on beginning and end."""


def main() -> int:
    """Play, print, and return 1 if a guarantee does not hold."""
    asked = _arguments()
    began = monotonic()
    figures = Figures()
    for outcome in outcomes(range(asked.seed, asked.seed + asked.seeds), asked.changes, asked.jobs):
        figures.add(outcome)
        for line in told(outcome, asked.changes):
            print(line, flush=True)
        if not asked.quiet:
            progress(figures, monotonic() - began)
        if figures.failed >= asked.failures:
            break
    print(table(figures, monotonic() - began))
    return 1 if figures.failed else 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m simulation", description=__doc__)
    parser.add_argument("--seed", type=int, default=0, help="the first seed (0)")
    parser.add_argument("--seeds", type=int, default=0, help="how many runs; without it, as many as TOTAL takes")
    parser.add_argument("--changes", type=int, default=0, help="changes of a run (1000, or 200 with --seeds)")
    parser.add_argument("--total", type=int, default=0, help="changes of all runs together, at the least")
    parser.add_argument("--jobs", type=int, default=2, help="processes (2)")
    parser.add_argument("--failures", type=int, default=3, help="stop after so many runs that failed (3)")
    parser.add_argument("--quiet", action="store_true", help="no progress")
    asked = parser.parse_args()
    if not (asked.seeds or asked.total):
        asked.seeds = 1
    if not asked.changes:
        asked.changes = 200 if asked.seeds else CHANGES_OF_A_RUN
    asked.seeds = asked.seeds or -(-asked.total // asked.changes)
    return asked


if __name__ == "__main__":
    sys.exit(main())
