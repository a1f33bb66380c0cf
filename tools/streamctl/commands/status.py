"""``status``: the stack in one screen."""

from functools import partial
from time import sleep
from typing import Annotated, Any

import typer
from rich.live import Live

from streamctl.attention import attention_of
from streamctl.command import Control, command
from streamctl.exits import Exit
from streamctl.sections import exit_of, read_all
from streamctl.stack import Stack
from streamctl.status_screen import status_screen


@command("status", example="streamctl status --local --watch")
def status(
    ctl: Control,
    watch: Annotated[bool, typer.Option("--watch", "-w", help="Look again and again, until Ctrl-C.")] = False,
    every: Annotated[float, typer.Option("--every", metavar="SECONDS", min=0.5, help="Between two looks.")] = 2.0,
) -> Exit:
    """Show streams, mappings, queues and parked records in one screen.

    Ends with 1 if something asks for a person: what it is stands at the end. With --watch and --json every look is a
    line. The lag of a mapping is the age of the last record of the batch that was furthest behind, in the last minute
    that had one.
    """
    if watch:
        return _watch(ctl, every)
    document, code = look(ctl.stack)
    ctl.screen.show(document, lambda: status_screen(document))
    return code


def look(stack: Stack) -> tuple[dict[str, Any], Exit]:
    """Return the state of the stack as a document, and the exit code that it comes to."""
    found = read_all(stack)
    attention = attention_of(stack.status, found)
    place = f"{stack.region} at {stack.target.endpoint}" if stack.target.endpoint else stack.region
    document = {"stack": stack.name, "status": stack.status, "place": place} | found | {"attention": attention}
    return document, exit_of(found, attention)


def _watch(ctl: Control, every: float) -> Exit:
    """Look until Ctrl-C, which is no failure: the code is that of the last look."""
    document, code = look(ctl.stack)
    if ctl.screen.as_json or not ctl.screen.console.is_terminal:
        return _repeat(ctl, every, code, document)
    with Live(status_screen(document), console=ctl.screen.console, auto_refresh=False) as live:
        try:
            while True:
                sleep(every)
                document, code = look(ctl.stack.fresh())
                live.update(status_screen(document), refresh=True)
        except KeyboardInterrupt:
            return code


def _repeat(ctl: Control, every: float, code: Exit, document: dict[str, Any]) -> Exit:
    try:
        while True:
            ctl.screen.line(document, partial(status_screen, document))
            sleep(every)
            document, code = look(ctl.stack.fresh())
    except KeyboardInterrupt:
        return code
