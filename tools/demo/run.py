"""One run of the demo from the command line: its options, the stack, and what stays of it."""

import argparse
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from uuid import uuid4

from demo import permissions_audit
from demo.performance import Performance
from demo.rest import NeverQuiet
from demo.runtime import PARAMETERS, TEMPLATE, RuntimeFailed, ServedStack, consumers_played, runtime
from demo.screen import show_next_steps
from isolation.guardian import guardian
from sam_templates.errors import TemplateError
from terminal.console import Console
from terminal.text import Text

WIDTH_OF_A_LOG = 140
LOG = "runtime.log"
CALLS = "calls.json"

OUTAGE_SECONDS = 15
"""Long enough for the mapping to use up its attempts on some records, so that recovery has good ones to bring back."""


def run() -> int:
    """Run the demo; return 0 only if every audit holds."""
    options = _options()
    console = Console(width=None if sys.stdout.isatty() else WIDTH_OF_A_LOG)
    try:
        consumers_played(TEMPLATE, PARAMETERS["SearchEndpoint"])
    except TemplateError as error:
        console.print(Text(str(error), "red"))
        return 1
    folder = options.keep or _scratch_folder()
    folder.mkdir(parents=True, exist_ok=True)
    try:
        with _stack(options.seed, folder / LOG, console) as stack:
            failed = Performance(stack, console, options).run()
            if options.keep:
                permissions_audit.keep(stack, folder / CALLS)
    except (RuntimeFailed, NeverQuiet) as error:
        console.print(Text(str(error), "red"))
        failed = 1
    except Exception:
        guardian().forget_folder(folder)  # the log may tell why
        raise
    if failed:
        guardian().forget_folder(folder)
        console.print(f"The runtime's log, with those of the functions, is {folder / LOG}")
        return failed
    if not options.keep:
        shutil.rmtree(folder)
    show_next_steps(console)
    return 0


def _scratch_folder() -> Path:
    """Return the path of a folder that is removed when this process ends, however it ends."""
    folder = Path(tempfile.gettempdir()) / f"changestream-{uuid4().hex}"
    guardian().watch_folder(folder)
    return folder


@contextmanager
def _stack(seed: int, log: Path, console: Console) -> Iterator[ServedStack]:
    """Bring the stack up; on a terminal, show that this goes on."""
    console.print("Bringing the stack of template.yaml up on this machine …")
    with ExitStack() as stack:
        with console.status("importing, then creating the resources"):
            running = stack.enter_context(runtime(seed, log))
        yield running


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
        help="how long the writes of consumers are refused (default: %(default)s)",
    )
    parser.add_argument(
        "--kill-workers", type=int, default=0, metavar="N", help="kill N workers at random while they work"
    )
    parser.add_argument(
        "--keep", type=Path, metavar="FOLDER", help=f"keep {LOG}, with the functions' logs, and {CALLS} in FOLDER"
    )
    return parser.parse_args()
