"""Looking at a stack again and again until Ctrl-C, also while it does not answer."""

from collections.abc import Callable
from time import sleep, time
from typing import Any

from rich.console import Group, RenderableType
from rich.live import Live

from streamctl.command import Control
from streamctl.exits import Exit, Trouble
from streamctl.status import read_status
from streamctl.status_screen import GRAVE, status_screen
from streamctl.troubles import FORESEEN, trouble_of
from streamctl.words import instant
from terminal.flow import Flow
from terminal.text import Text

Show = Callable[[dict[str, Any], Trouble | None, float], None]
"""Takes the newest document, why there is no newer one, and since when in epoch seconds."""


def watch_status(ctl: Control, every: float) -> Exit:
    """Look until Ctrl-C, which is no failure: the code is that of the last look. Raises ``Trouble`` on the first."""
    document, code = read_status(ctl.stack)
    console = ctl.screen.console
    if ctl.screen.as_json or not console.is_terminal:
        return _until_stopped(ctl, every, document, code, lambda *state: _line(ctl, *state))
    # On a screen of its own: whatever its size was or becomes, the next look draws all of it.
    with Live(console=console, auto_refresh=False, screen=True, vertical_overflow="crop") as live:

        def show(document: dict[str, Any], trouble: Trouble | None, since: float) -> None:
            size = console.size.width, console.size.height - 1
            live.update(_with_trouble(status_screen(document, size), trouble, since), refresh=True)

        code = _until_stopped(ctl, every, document, code, show)
        last = live.renderable
    console.print(last)
    return code


def _until_stopped(ctl: Control, every: float, document: dict[str, Any], code: Exit, show: Show) -> Exit:
    trouble, since = None, 0.0
    try:
        while True:
            show(document, trouble, since)
            sleep(every)
            try:
                document, code = read_status(ctl.stack.fresh())
                trouble = None
            except (*FORESEEN, Trouble) as error:
                since = since if trouble else time()
                trouble = trouble_of(error, ctl.stack.target.endpoint)
                code = trouble.code if trouble else code
    except KeyboardInterrupt:
        return code


def _line(ctl: Control, document: dict[str, Any], trouble: Trouble | None, since: float) -> None:
    if trouble is None:
        ctl.screen.line(document, lambda: status_screen(document))
    else:
        error = {"error": trouble.document() | {"since": instant(since)}}
        ctl.screen.line(error, lambda: _with_trouble(Text(), trouble, since))


def _with_trouble(screen: RenderableType, trouble: Trouble | None, since: float) -> RenderableType:
    if trouble is None:
        return screen
    told = f"No answer since {instant(since)[11:19]}Z: {trouble.message}. What follows is older."
    return Group(Flow().prose(told, GRAVE), screen)
