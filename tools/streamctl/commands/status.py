"""``status``: the stack in one screen."""

from typing import Any

from rich.console import Group, RenderableType
from rich.text import Text

from streamctl.command import Control, command
from streamctl.exits import Exit
from streamctl.screen import grid
from streamctl.sections import exit_of, read_all
from streamctl.stack import Stack


@command("status", example="streamctl status --local")
def status(ctl: Control) -> Exit:
    """Show streams, mappings, queues and parked records in one screen.

    Ends with 1 if something asks for a person: what it is stands at the end.
    """
    found = read_all(ctl.stack)
    document = {"stack": ctl.stack.name, "status": ctl.stack.status} | found
    ctl.screen.show(document, lambda: rendered(ctl.stack, found))
    return exit_of(found, [])


def rendered(stack: Stack, found: dict[str, Any]) -> RenderableType:
    """Return what a person sees."""
    table = grid("mapping", "state", "last result")
    for each in found["mappings"] if isinstance(found["mappings"], list) else ():
        table.add_row(each["function"], each["state"], each["lastResult"] or "")
    return Group(Text(f"{stack.name}  {stack.status}"), Text(), table)
