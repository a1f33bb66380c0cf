"""``explain``: what became of a change in every view."""

from time import time
from typing import Annotated

import typer

from streamctl.command import Control, command
from streamctl.exits import Exit
from streamctl.explain_screen import explain_screen
from streamctl.explaining.explained import explain
from streamctl.explaining.subject import Search
from streamctl.looking import look_at


@command("explain", example="streamctl explain groceries/task-1 --local", of_application=True)
def explain_change(
    ctl: Control,
    asked: Annotated[
        str, typer.Argument(metavar="SEQUENCE_NUMBER|EVENT_ID|KEY", help="A record's number or event id, or an item.")
    ],
    messages: Annotated[
        bool, typer.Option("--messages", help="Look at the on-failure messages too; see streamctl failures --help.")
    ] = False,
) -> Exit:
    """Show what became of a change: how each view stands to it, and what of it is parked or waits.

    KEY is LIST/TASK, or the id of a ledger's document: the newest change of that item is explained. The history is
    asked first, then the newest records of the streams; the output says so if there may be a newer change. A change of
    a task is in two streams; its other record is looked for by item, images and time.
    Ends with 1 if a view cannot come to it by itself, or if there may be a newer change.
    """
    subject = Search(ctl.stack).find(asked)
    failures = look_at(ctl.stack) if messages else None
    explained = explain(ctl.stack, subject, failures)
    ctl.screen.show(explained.document(), lambda: explain_screen(explained, time()))
    return Exit.ATTENTION if explained.needs_attention else Exit.FINE
