"""``explain``: what became of a change in every view."""

from typing import Annotated

import typer
from rich.console import Group, RenderableType
from rich.text import Text

from streamctl.change_line import change_line
from streamctl.command import Control, command
from streamctl.exits import Exit
from streamctl.explaining.explained import Explained, explain
from streamctl.explaining.subject import Search
from streamctl.explaining.verdict import Verdict
from streamctl.images import plain
from streamctl.looking import look_at
from streamctl.screen import grid, whole_key

STYLES = {
    Verdict.APPLIED: "green",
    Verdict.SUPERSEDED: "green",
    Verdict.NOT_CONCERNED: "dim",
    Verdict.NOT_YET: "yellow",
    Verdict.WAITING: "yellow",
    Verdict.PARKED: "red",
    Verdict.UNKNOWN: "yellow",
}

TOLD = ("status", "description", "present", "window", "penaltyPoints", "tombstoneExpiresAt")
"""The attributes of a row that tell on a line what it says; --json has all of them."""


@command("explain", example="streamctl explain groceries/task-1 --local")
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

    KEY is LIST/TASK, or the id of a ledger's document: the newest change of that item is explained. A change of a task
    is in two streams; its other record is looked for by item, images and time.
    Ends with 1 if a view cannot come to it by itself.
    """
    subject = Search(ctl.stack, ctl.screen.note).find(asked)
    failures = look_at(ctl.stack) if messages else None
    explained = explain(ctl.stack, subject, failures)
    ctl.screen.show(explained.document(), lambda: _rendered(explained))
    return Exit.ATTENTION if explained.needs_attention else Exit.FINE


def _rendered(explained: Explained) -> RenderableType:
    parts: list[RenderableType] = []
    for each in explained.subject.sightings:
        where = each.shard_id or "trimmed, or not found; as the history has it"
        parts += [Text.assemble((each.stream, "bold"), f"  {where}"), Text(f"  {each.sequence_number or '-'}", "dim")]
        parts += [Text("  ", no_wrap=True, overflow="ellipsis").append_text(change_line(each))]
    table = grid("view", "", "row, or why")
    table.columns[2].no_wrap = False
    for state in explained.views:
        row = "  ".join(f"{name} {plain(value)}" for name, value in (state.row or {}).items() if name in TOLD)
        table.add_row(state.view, Text(state.verdict.replace("_", " "), STYLES[state.verdict]), state.why or row)
    parts += [Text(), table]
    for held in explained.parked:
        parts += [Text(f"parked  {held.reason}"), whole_key(held.key)]
    if explained.messages is None:
        parts.append(Text("On-failure messages were not looked at: --messages does.", "dim"))
    return Group(*parts)
