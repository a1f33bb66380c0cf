"""Parked objects as a person sees them."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from rich.console import Group, RenderableType
from rich.text import Text

from streamctl.parking.difference import printable, shown
from streamctl.screen import grid, whole_key
from streamctl.words import several

LONGEST_CONTENT = 600
"""Characters of a record that nobody understands; --json has all of it."""

OF_THE_MANIFEST = (
    "reason", "message", "functionArn", "streamArn", "shardId", "startSequenceNumber", "endSequenceNumber", "condition",
    "attempts", "firstArrival", "lastArrival", "parkedAt", "firstFailedAt", "lastFailedAt", "redrive",
)  # fmt: skip

STYLES = {"waiting": "yellow", "foreign": "red", "held": "cyan"}


def parked_list(summaries: Sequence[Mapping[str, Any]]) -> RenderableType:
    """Return a block for each object: where it stands, why it is there, and the key that commands take."""
    if not summaries:
        return Text("Nothing is parked.", "dim")
    parts: list[RenderableType] = []
    for each in summaries:
        head = Text(f"{each['standing']:<8}", STYLES.get(str(each["standing"]), ""))
        if "reason" in each:
            rounds = f", {several(each['rounds'], 'round')}" if each["rounds"] else ""
            head.append(f"  {each['reason']}  {several(each['records'], 'record')}{rounds}  {_since_or_until(each)}")
        parts += [head, Text(f"  {printable(str(each['message']))}"), whole_key(each["key"])]
    return Group(*parts)


def _since_or_until(each: Mapping[str, Any]) -> str:
    """Return what a person asks next: until when it rests, who holds it, or else since when it has been there."""
    if each["notBefore"]:
        return f"until {each['notBefore']}"
    return f"by {printable(str(each['heldBy']))}" if each["heldBy"] else f"parked {each['parkedAt']}"


def fates(objects: Sequence[Mapping[str, Any]]) -> RenderableType:
    """Return what became, or would become, of each object, with the reason for it."""
    if not objects:
        return Text("Nothing is parked that this is about.", "dim")
    parts: list[RenderableType] = []
    for each in objects:
        parts += [
            Text.assemble((each["outcome"], "bold"), f"  {printable(each.get('reason') or '')}"),
            whole_key(each["key"]),
        ]
        if each.get("keptAs"):
            parts.append(whole_key(each["keptAs"]))
    return Group(*parts)


def parked_one(document: Mapping[str, Any]) -> RenderableType:
    """Return the manifest of an object, and what each of its records changed."""
    manifest = grid("", "")
    manifest.add_row("standing", Text(str(document["standing"])))
    for name in OF_THE_MANIFEST:
        if document["manifest"].get(name) not in (None, ""):
            manifest.add_row(name, Text(printable(str(document["manifest"][name]))))
    parts: list[RenderableType] = [Text(document["key"], "bold"), manifest]
    for change in document["changes"]:
        parts += [Text(), *_change(change)]
    for name in ("body", "found"):
        if document.get(name):
            parts += [Text(), Text(name, "bold"), Text(printable(str(document[name])))]
    return Group(*parts)


def _change(change: Mapping[str, Any]) -> Iterable[Text]:
    if change.get("poison"):
        yield Text(f"poison  {printable(change['poison'])}", "red")
        yield Text(f"  {printable(change['holds'])[:LONGEST_CONTENT]}", "dim")
        return
    by = "  expired" if change["byTimeToLive"] else ""
    yield Text.assemble((str(change["kind"]), "bold"), f"  {printable(change['key'])}{by}  {change['occurredAt']}")
    for each in change["differences"]:
        before, after = each["before"], each["after"]
        if before is None:
            yield Text(f"  + {printable(each['path'])}  {shown(after)}", "green")
        elif after is None:
            yield Text(f"  - {printable(each['path'])}  {shown(before)}", "red")
        else:
            line = Text(f"  ~ {printable(each['path'])}  ")
            yield line.append(shown(before), "red").append(" > ", "dim").append(shown(after), "green")
    if not change["differences"]:
        yield Text("  nothing differs", "dim")
