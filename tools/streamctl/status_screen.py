"""The status as a person sees it."""

from typing import Any

from rich.console import Group, RenderableType

from changestream.core.redrive import Standing
from streamctl.attention import PROBLEM, SERVING, is_late
from streamctl.sections import Rows, errors_of
from streamctl.words import duration
from terminal.flow import Flow
from terminal.grid import Grid, grid
from terminal.text import Text

GRAVE, DOUBTFUL, GOOD, FAINT = "red", "yellow", "green", "dim"


def status_screen(document: dict[str, Any]) -> RenderableType:
    """Return the tables of all sections, and what asks for a person; ``document`` is what ``--json`` writes."""
    title = Flow().whole(document["stack"], "bold").whole(document["status"]).prose(document["place"])
    parts: list[RenderableType] = [title]
    for name, table in (("streams", streams), ("mappings", mappings), ("queues", queues), ("parked", parked)):
        if isinstance(document[name], list):
            parts += [Text(), table(document[name])]
    parts.append(Text())
    for name, error in errors_of(document).items():
        parts.append(Flow().prose(f"{name}: {error['message']}", GRAVE))
    parts += [Flow().prose(f"! {sentence}", DOUBTFUL) for sentence in document["attention"]]
    if not document["attention"] and not errors_of(document):
        parts.append(Text("Nothing asks for a person.", style=GOOD))
    return Group(*parts)


def streams(rows: Rows) -> Grid:
    table = grid("stream", "resource", "status", "open", "closed", "keeps", "mode", right={"open", "closed", "keeps"})
    for each in rows:
        status = Text(each["status"], style="" if each["status"] in SERVING else GRAVE)
        hours = duration(each["retentionHours"] * 3600)
        shards = str(each["openShards"]), str(each["closedShards"])
        table.add_row(each["stream"], each["resource"], status, *shards, hours, Text(each["mode"], style=FAINT))
    return table


def mappings(rows: Rows) -> Grid:
    table = grid("mapping", "reads", "state", "lag", "last result", right={"lag"})
    for each in rows:
        result = each["lastResult"] or ""
        table.add_row(
            each["function"],
            each["source"],
            Text(each["state"], style="" if each["state"] == "Enabled" else DOUBTFUL),
            Text(duration(each["lagSeconds"]), style=GRAVE if is_late(each) else ""),
            Text(result, style=GRAVE if result.startswith(PROBLEM) else FAINT if result != "OK" else ""),
        )
    return table


def queues(rows: Rows) -> Grid:
    table = grid(
        "queue", "visible", "in flight", "delayed", "oldest", right={"visible", "in flight", "delayed", "oldest"}
    )
    for each in rows:
        style = GRAVE if each["queue"] != "failed" and each["visible"] + each["inFlight"] else ""
        waiting = each["visible"] + each["inFlight"] + each["delayed"]
        oldest = duration(each["oldestSeconds"]) if waiting else "-"
        counts = (str(each[name]) for name in ("visible", "inFlight", "delayed"))
        table.add_row(each["queue"], *counts, oldest, style=style)
    return table


def parked(rows: Rows) -> RenderableType:
    if not rows:
        return Text("Nothing is parked.", style=FAINT)
    table = grid("parked of", "reason", "standing", "objects", "records", right={"objects", "records"})
    for each in rows:
        standing = Text(each["standing"], style="" if each["standing"] in list(Standing)[:3] else GRAVE)
        table.add_row(each["function"], each["reason"], standing, str(each["objects"]), str(each["records"]))
    return table
