"""A smoke test as a person sees it."""

from collections.abc import Mapping
from typing import Any

from rich.console import Group, RenderableType

from streamctl.explain_screen import STYLES
from streamctl.explaining.verdict import Verdict
from terminal.flow import Flow
from terminal.grid import grid
from terminal.text import Text

UNSEEN = "no stream has the change yet: is the table's stream on, and is the table captured into ChangeStream?"


def smoke_screen(document: Mapping[str, Any]) -> RenderableType:
    """Return where the item's two changes are in each view, and what to do if one of them is missing."""
    parts: list[RenderableType] = [Flow().whole(document["item"], "bold").prose(f"in {document['table']}")]
    for step in document["steps"]:
        parts += [Text(), _head(step), *_views(step)]
    if document["passed"]:
        parts += [Text(), Text("Every view followed the item. It is removed.", "green")]
    if document["passed"] is False:
        advice = "The item is removed. See where the change is, and then the runbook:"
        parts += [Text(), Flow().prose(advice, "yellow"), Flow(indent=2).whole("streamctl status")]
        parts.append(Flow(indent=2).whole(f"streamctl explain {document['item']} --messages"))
    return Group(*parts)


def _head(step: Mapping[str, Any]) -> Flow:
    result = "reached every view" if step["passed"] else "did not reach every view"
    style = "green" if step["passed"] else "red"
    return Flow().whole(step["step"], "bold").prose(f"{result} within {step['seconds']:g} s", style)


def _views(step: Mapping[str, Any]) -> list[RenderableType]:
    if not step["views"]:
        return [Flow(indent=2).prose(UNSEEN, "yellow")]
    table = grid("view", "", "")
    for each in step["views"]:
        verdict = Verdict(each["verdict"])
        table.add_row(each["view"], Text(verdict.replace("_", " "), STYLES[verdict]), each["why"] or "")
    return [table]
