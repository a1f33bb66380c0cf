"""``smoke``: an item is written, followed through every view, and removed."""

from typing import Annotated

import typer

from streamctl.command import Control, command
from streamctl.exits import Exit
from streamctl.smoke import Smoke, document
from streamctl.smoke_screen import smoke_screen


@command("smoke", example="streamctl smoke --apply --local", writes=True, of_application=True)
def smoke(
    ctl: Control,
    timeout: Annotated[
        float, typer.Option(metavar="SECONDS", min=1, help="How long each change may take to reach every view.")
    ] = 180,
) -> Exit:
    """Test a deployment: write one item, follow it through every view, and remove it.

    The item is removed in any case. Views that keep changes keep its two changes, under the list streamctl-smoke, and
    its transition is announced to subscribers. LedgerStream and its view are not tested. Ends with 1 if a view does not
    get one of the two changes in time.
    """
    run = Smoke(ctl.stack, timeout)
    if ctl.apply:
        ctl.screen.note(f"Writes {run.item} and follows it, then its removal, for up to {timeout:g} s each.")
    found = document(run, list(run.run()) if ctl.apply else [])
    ctl.screen.show(found, lambda: smoke_screen(found))
    return Exit.ATTENTION if found["passed"] is False else Exit.FINE
