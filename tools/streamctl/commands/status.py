"""``status``: the stack in one screen."""

from typing import Annotated

import typer

from streamctl.command import Control, command
from streamctl.exits import Exit
from streamctl.status import read_status
from streamctl.status_screen import status_screen
from streamctl.watching import watch_status


@command("status", example="streamctl status --local --watch")
def status(
    ctl: Control,
    watch: Annotated[bool, typer.Option("--watch", "-w", help="Look again and again, until Ctrl-C.")] = False,
    every: Annotated[float, typer.Option("--every", metavar="SECONDS", min=0.5, help="Between two looks.")] = 2.0,
) -> Exit:
    """Show streams, mappings, queues and parked records in one screen.

    Begins with what asks for a person, and then ends with 1. On a low terminal, what is in order is summed up.
    The lag of a mapping is the age of the last record of the batch that was furthest behind, in the last minute that
    had one; a + says that it grows. Failures are those of the last 15 minutes.
    With --watch and --json every look is a line. Watching goes on if the stack does not answer for a while.
    """
    if watch:
        return watch_status(ctl, every)
    document, code = read_status(ctl.stack)
    size = ctl.screen.console.size
    terminal = (size.width, size.height) if ctl.screen.console.is_terminal else None
    ctl.screen.show(document, lambda: status_screen(document, terminal))
    return code
