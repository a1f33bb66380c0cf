"""`python -m simulation`: plays seeds until so many changes are made, and tells what was found and what it took."""

import argparse
import sys
from time import monotonic

from isolation.environment import enter_isolation
from sam_templates.errors import TemplateError
from simulation.figures import Figures, progress, table, told
from simulation.runs import outcomes
from simulation.stack import SimulatedStack

CHANGES_OF_A_RUN, CHANGES_OF_A_LONG_RUN = 60, 1000
"""More runs see more combinations of faults; longer ones spend less on beginning and end."""


def main() -> int:
    """Play, print, and return 1 if a guarantee does not hold."""
    asked = _arguments()
    enter_isolation()
    try:
        SimulatedStack()  # here, too: a process of the pool that cannot begin is started again and again
    except TemplateError as error:
        print(error, file=sys.stderr)
        return 1
    began = monotonic()
    figures = Figures()
    for outcome in outcomes(range(asked.seed, asked.seed + asked.seeds), asked.changes, asked.jobs):
        figures.add(outcome)
        for line in told(outcome, asked.changes):
            print(line, flush=True)
        progress(figures, monotonic() - began)
        if figures.failed >= asked.failures:
            break
    print(table(figures, monotonic() - began))
    return 1 if figures.failed else 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m simulation", description=__doc__)
    parser.add_argument("--seed", type=int, help="the first seed (0)")
    parser.add_argument("--seeds", type=int, help="how many runs, each with a seed of its own")
    parser.add_argument(
        "--changes", type=int, help="changes of each run (60); without --seed and --seeds, of all runs together"
    )
    parser.add_argument("--jobs", type=int, default=2, help="processes (2)")
    parser.add_argument("--failures", type=int, default=3, help="stop after so many runs that failed (3)")
    asked = parser.parse_args()
    if asked.changes and asked.seed is None and asked.seeds is None:
        asked.seeds, asked.changes = -(-asked.changes // CHANGES_OF_A_LONG_RUN), CHANGES_OF_A_LONG_RUN
    asked.seed, asked.seeds = asked.seed or 0, asked.seeds or 1
    asked.changes = asked.changes or CHANGES_OF_A_RUN
    asked.jobs = min(asked.jobs, asked.seeds)
    return asked


if __name__ == "__main__":
    sys.exit(main())
