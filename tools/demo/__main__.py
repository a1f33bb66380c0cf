"""``python -m demo``: a workload with failures on the local runtime, its audit, its healing, its audit again."""

import argparse
import shutil
import signal
import sys
import tempfile
from pathlib import Path

from demo import permissions_audit
from demo.performance import Performance
from demo.rest import NeverQuiet
from demo.runtime import RuntimeFailed, runtime
from terminal.console import Console
from terminal.text import Text

WIDTH_OF_A_LOG = 140
LOG = "runtime.log"
CALLS = "calls.json"

OUTAGE_SECONDS = 15
"""Long enough for the mapping to use up its attempts on some records, so that recovery has good ones to bring back."""


def main() -> int:
    """Run the demo; return 0 only if every audit holds. Who is terminated takes the runtime down on the way out."""
    signal.signal(signal.SIGTERM, lambda number, _: sys.exit(128 + number))
    options = _options()
    console = Console(width=None if sys.stdout.isatty() else WIDTH_OF_A_LOG)
    folder = options.keep or Path(tempfile.mkdtemp(prefix="changestream-"))
    folder.mkdir(parents=True, exist_ok=True)
    console.print("Bringing the stack of template.yaml up on this machine …")
    try:
        with runtime(options.seed, folder / LOG) as stack:
            failed = Performance(stack, console, options).run()
            if options.keep:
                permissions_audit.keep(stack, folder / CALLS)
    except (RuntimeFailed, NeverQuiet) as error:
        console.print(Text(str(error), "red"))
        failed = 1
    if failed:
        console.print(f"The runtime's log, with those of the functions, is {folder / LOG}")
    elif not options.keep:
        shutil.rmtree(folder)
    return failed


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m demo", description=__doc__)
    parser.add_argument("--writes", type=int, default=2000, help="writes to the table (default: %(default)s)")
    parser.add_argument("--lists", type=int, default=40, help="task lists they go to (default: %(default)s)")
    parser.add_argument("--malformed", type=int, default=9, help="malformed items among them (default: %(default)s)")
    parser.add_argument("--seed", type=int, default=7, help="what the workload is drawn from (default: %(default)s)")
    parser.add_argument(
        "--outage-seconds",
        type=float,
        default=OUTAGE_SECONDS,
        metavar="S",
        help="how long TaskCountsTable refuses (default: %(default)s)",
    )
    parser.add_argument(
        "--kill-workers", type=int, default=0, metavar="N", help="kill N workers at random while they work"
    )
    parser.add_argument(
        "--keep", type=Path, metavar="FOLDER", help=f"keep {LOG}, with the functions' logs, and {CALLS} in FOLDER"
    )
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
