"""``pause``: nothing is delivered to a function until it is resumed."""

from typing import Annotated

from typer import Argument

from streamctl.command import Control, command
from streamctl.exits import Exit
from streamctl.pausing import set_state
from streamctl.reading.mappings import DISABLED


@command("pause", example="streamctl pause CountTasks --local", writes=True)
def pause(
    ctl: Control,
    function: Annotated[str, Argument(metavar="FUNCTION", help="Its name as in status, its folder, or its full name.")],
) -> Exit:
    """Disable the event source mappings of a function: its records wait in their source.

    Shows how long the source keeps them. With --apply, waits until the mappings are disabled. Other functions are not
    affected.
    """
    return set_state(ctl, function, DISABLED)
