"""``resume``: a paused function continues where it stopped."""

from typing import Annotated

from typer import Argument

from streamctl.command import Control, command
from streamctl.exits import Exit
from streamctl.pausing import set_state
from streamctl.reading.mappings import ENABLED


@command("resume", example="streamctl resume CountTasks --local", writes=True)
def resume(
    ctl: Control,
    function: Annotated[str, Argument(metavar="FUNCTION", help="Its name as in status, its folder, or its full name.")],
) -> Exit:
    """Enable the event source mappings of a function: each continues where it stopped.

    Shows since when they are disabled, and how long their source still keeps the records. With --apply, waits until the
    mappings are enabled.
    """
    return set_state(ctl, function, ENABLED)
