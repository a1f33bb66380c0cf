"""Parked objects as a person sees them."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from rich.console import Group, RenderableType

from streamctl.images import plain
from streamctl.reading.seen import SKIPPED
from streamctl.words import several
from terminal.flow import Flow
from terminal.grid import grid
from terminal.text import Text, whole_line

LONGEST_CONTENT = 600
"""Characters of a record that nobody understands; --json has all of it."""

OF_THE_MANIFEST = (
    "reason", "message", "functionArn", "streamArn", "shardId", "startSequenceNumber", "endSequenceNumber", "condition",
    "attempts", "firstArrival", "lastArrival", "parkedAt", "firstFailedAt", "lastFailedAt", "redrive",
)  # fmt: skip

STYLES = {"waiting": "yellow", "foreign": "red", "held": "cyan"}


def parked_list(summaries: Sequence[Mapping[str, Any]]) -> RenderableType:
    """Return a block for each object: where it stands, why it is there, and the id and key that commands take."""
    if not summaries:
        return Text("Nothing is parked.", "dim")
    parts: list[RenderableType] = []
    for each in summaries:
        head = Flow().whole(f"{each['standing']:<8}", STYLES.get(str(each["standing"]), "")).whole(each["id"], "bold")
        if "reason" in each:
            rounds = f", {several(each['rounds'], 'round')}" if each["rounds"] else ""
            head.whole(each["reason"]).phrase(Text(f"{several(each['records'], 'record')}{rounds}"))
            head.phrase(Text(_since_or_until(each)))
        parts += [head, Flow(indent=2).prose(str(each["message"])), _key(each["key"])]
    return Group(*parts)


def _since_or_until(each: Mapping[str, Any]) -> str:
    """Return until when an object rests, or who holds it, or else since when it is parked."""
    if each["notBefore"]:
        return f"until {each['notBefore']}"
    return f"by {each['heldBy']}" if each["heldBy"] else f"parked {each['parkedAt']}"


def fates(objects: Sequence[Mapping[str, Any]]) -> RenderableType:
    """Return what became, or would become, of each object, with the reason for it."""
    if not objects:
        return Text("No parked object fits.", "dim")
    parts: list[RenderableType] = []
    for each in objects:
        parts += [Flow().whole(each["outcome"], "bold").prose(each.get("reason") or ""), _key(each["key"])]
        if each.get("keptAs"):
            parts.append(_key(each["keptAs"]))
    return Group(*parts)


def parked_one(document: Mapping[str, Any]) -> RenderableType:
    """Return the manifest of an object, and what each of its records changed."""
    manifest = grid("", "")
    manifest.add_row("id", document["id"])
    manifest.add_row("standing", str(document["standing"]))
    for name in OF_THE_MANIFEST:
        for label, value in _rows(name, document["manifest"].get(name)):
            manifest.add_row(label, value)
    parts: list[RenderableType] = [whole_line(document["key"], "bold"), manifest]
    for change in document["changes"]:
        parts += [Text(), *_change(change)]
    for name in ("body", "found"):
        if document.get(name):
            parts += [Text(), Text(name, "bold"), Flow(hanging=0).prose(str(document[name]))]
    return Group(*parts)


def _rows(name: str, value: Any) -> Iterable[tuple[str, str]]:
    """Yield the rows of a member of the manifest: one for each of its own members if it is an object."""
    if isinstance(value, Mapping):
        for inner, content in value.items():
            yield from _rows(f"{name} {inner}", content)
    elif value not in (None, ""):
        yield name, str(value)


def _key(key: str) -> Text:
    return whole_line(f"  {key}", "dim")


def _change(change: Mapping[str, Any]) -> Iterable[RenderableType]:
    if change.get("poison"):
        yield Flow().whole("poison", "red").prose(change["poison"], "red")
        yield Flow(indent=2).prose(change["holds"][:LONGEST_CONTENT], "dim")
        return
    if change.get("foreign"):
        yield (Flow().whole("foreign", "dim").prose(SKIPPED, "dim"))
        yield Flow(indent=2).prose(change["holds"][:LONGEST_CONTENT], "dim")
        return
    if "partitionKey" in change:
        yield Flow().whole(change["partitionKey"], "bold").prose(change["holds"][:LONGEST_CONTENT])
        return
    head = Flow().whole(str(change["kind"]), "bold").whole(change["key"])
    yield head.whole("expired" if change["byTimeToLive"] else "").whole(change["occurredAt"] or "?")
    for each in change["differences"]:
        yield _difference(each)
    if not change["differences"]:
        yield Text("  nothing differs", "dim")


def _difference(each: Mapping[str, Any]) -> Flow:
    path, before, after = each["path"], each["before"], each["after"]
    line = Flow(indent=2, hanging=4)
    if before is None:
        return line.whole(f"+ {path}", "green").prose(plain(after), "green")
    if after is None:
        return line.whole(f"- {path}", "red").prose(plain(before), "red")
    values = Text.assemble((plain(before), "red"), (" > ", "dim"), (plain(after), "green"))
    return line.whole(f"~ {path}").prose(values)
