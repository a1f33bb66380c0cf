"""What became of a change, as a person sees it."""

from rich.console import Group, RenderableType

from streamctl.change_line import change_line
from streamctl.explaining.explained import Explained
from streamctl.explaining.verdict import Verdict
from streamctl.images import plain
from streamctl.parking.names import id_of
from terminal.flow import Flow
from terminal.grid import grid
from terminal.text import Text, whole_line

STYLES = {
    Verdict.APPLIED: "green",
    Verdict.SUPERSEDED: "green",
    Verdict.NOT_CONCERNED: "dim",
    Verdict.NO_EFFECT: "dim",
    Verdict.NOT_YET: "yellow",
    Verdict.WAITING: "yellow",
    Verdict.PARKED: "red",
    Verdict.UNKNOWN: "yellow",
}

TOLD = ("status", "description", "present", "window", "penaltyPoints", "tombstoneExpiresAt")
"""The attributes of a row that tell on a line what it says; --json has all of them."""


def explain_screen(explained: Explained, now: float) -> RenderableType:
    """Return where the change was seen, how each view stands to it, and what of it is parked."""
    parts: list[RenderableType] = []
    for each in explained.subject.sightings:
        parts.append(Flow().whole(each.stream, "bold").prose(each.shard_id or "not in the stream: from the history"))
        if each.sequence_number:
            parts.append(whole_line(f"  {each.sequence_number}", "dim"))
        parts.append(change_line(each, now, indent=2))
    parts += [Flow().prose(f"! May not be the newest change: {doubt}.", "yellow") for doubt in explained.subject.doubts]
    table = grid("view", "", "row, or why")
    for state in explained.views:
        row = "  ".join(f"{name} {plain(value)}" for name, value in (state.row or {}).items() if name in TOLD)
        table.add_row(state.view, Text(state.verdict.replace("_", " "), STYLES[state.verdict]), state.why or row)
    parts += [Text(), table]
    for held in explained.parked:
        parts.append(Flow().whole("parked").whole(id_of(held.key), "bold").prose(held.reason))
        parts.append(whole_line(f"  {held.key}", "dim"))
    if explained.messages is None:
        parts.append(Text("On-failure messages were not looked at: --messages does.", "dim"))
    return Group(*parts)
