"""The status as a person sees it: what asks for a person first, then the tables, shortened if the terminal is low."""

from collections.abc import Callable, Sequence
from typing import Any

from rich.console import Group, RenderableType

from changestream.core.redrive import Standing
from streamctl.attention import SERVING, falls_behind, is_failing, is_late, is_troubled
from streamctl.sections import Rows, errors_of
from streamctl.words import duration, several
from terminal.flow import Flow
from terminal.grid import Grid, grid
from terminal.lines import Lines
from terminal.text import Text

GRAVE, DOUBTFUL, GOOD, FAINT = "red", "yellow", "green", "dim"

MOST_SENTENCES = 5
"""Of those that ask for a person, on a low terminal."""

LINES_OF_SENTENCE = 2
"""To which a long reason is cut on a low terminal."""

Sentence = tuple[str, str]
"""What asks for a person, with its style."""


def status_screen(document: dict[str, Any], size: tuple[int, int] | None = None) -> RenderableType:
    """Return the screen of a document, which is what ``--json`` writes.

    ``size`` is the width and height of a terminal. On one that is too low for all of it, the rows of what is in order
    are summed up; without a size, everything is shown.
    """
    whole = _whole(document)
    if size is None or _height(whole, size[0]) < size[1]:
        return Group(*whole)
    return Group(*_short(document, *size))


def _whole(document: dict[str, Any]) -> list[RenderableType]:
    parts: list[RenderableType] = [_title(document), *map(_line, _told(document))]
    for name, table in (("streams", streams), ("mappings", mappings), ("queues", queues), ("parked", parked)):
        if isinstance(document[name], list):
            parts += [Text(), table(document[name])]
    return parts


def _short(document: dict[str, Any], width: int, height: int) -> list[RenderableType]:
    told = [_line(_cut(each, width)) for each in _told(document)]
    more = len(told) - MOST_SENTENCES
    if more > 1:
        rest = f"! and {more} more: streamctl status --json has all of them", DOUBTFUL
        told = [*told[:MOST_SENTENCES], _line(rest)]
    sums = [_sum(name, document[name], summed) for name, summed in SUMS.items() if isinstance(document[name], list)]
    parts: list[RenderableType] = [_title(document), *told, Text()]
    if isinstance(document["mappings"], list):
        room = height - 1 - _height([*parts, Text(), *sums], width)  # the last line is the shell's
        parts += [*_fitting(document["mappings"], room, width), Text()]
    return [*parts, *sums]


def _title(document: dict[str, Any]) -> Flow:
    return Flow().whole(document["stack"], "bold").whole(document["status"]).prose(document["place"])


def _told(document: dict[str, Any]) -> list[Sentence]:
    """Return what asks for a person, or that nothing does."""
    sentences = [(f"{name}: {error['message']}", GRAVE) for name, error in errors_of(document).items()]
    sentences += [(f"! {sentence}", DOUBTFUL) for sentence in document["attention"]]
    return sentences or [("Nothing asks for a person.", GOOD)]


def _line(sentence: Sentence) -> Flow:
    return Flow().prose(*sentence)


def _cut(sentence: Sentence, width: int) -> Sentence:
    text, style = sentence
    most = LINES_OF_SENTENCE * width - 10  # words do not fill their lines
    return (text if len(text) <= most else f"{text[: most - 1]}…", style)


def _height(parts: Sequence[RenderableType], width: int) -> int:
    """Return how many lines of a terminal the parts take."""
    return sum(len(list(part.lines(width))) if isinstance(part, Lines) else 1 for part in parts)


def _fitting(rows: Rows, room: int, width: int) -> list[RenderableType]:
    """Return as many mappings as fit into so many lines, at least one, and a sum of the others."""
    for shown in range(len(rows), 1, -1):
        chosen = _chosen(rows, shown)
        if _height(chosen, width) <= room:
            return chosen
    return _chosen(rows, 1)


def _chosen(rows: Rows, room: int) -> list[RenderableType]:
    """Return some mappings, those in trouble first, and a sum of the others."""
    ordered = sorted(rows, key=lambda each: not is_troubled(each))  # stable: otherwise as they are
    shown = ordered[:room]
    others = ordered[room:]
    if not others:
        return [mappings(rows)]
    lag = max((each["lagSeconds"] for each in others if each["lagSeconds"] is not None), default=None)
    troubled = sum(is_troubled(each) for each in others)
    state = f"{troubled} in trouble" if troubled else "enabled"
    return [mappings(shown), Text(f"and {several(len(others), 'more mapping')}, {state}, lag {duration(lag)}", FAINT)]


def streams(rows: Rows) -> Grid:
    table = grid("stream", "resource", "status", "open", "closed", "keeps", "mode", right={"open", "closed", "keeps"})
    for each in rows:
        status = Text(each["status"], style="" if each["status"] in SERVING else GRAVE)
        hours = duration(each["retentionHours"] * 3600)
        shards = str(each["openShards"]), str(each["closedShards"])
        table.add_row(each["stream"], each["resource"], status, *shards, hours, Text(each["mode"], style=FAINT))
    return table


def mappings(rows: Rows) -> Grid:
    table = grid("mapping", "reads", "state", "lag", "failed", "last result", right={"lag", "failed"})
    for each in rows:
        table.add_row(
            each["function"],
            each["source"],
            Text(each["state"], style="" if each["state"] == "Enabled" else DOUBTFUL),
            _lag(each),
            _failures(each),
            _result(each),
        )
    return table


def _lag(mapping: dict[str, Any]) -> Text:
    style = GRAVE if is_late(mapping) else DOUBTFUL if falls_behind(mapping) else ""
    return Text(f"{duration(mapping['lagSeconds'])}{' +' if falls_behind(mapping) else ''}", style=style)


def _failures(mapping: dict[str, Any]) -> Text:
    failures = mapping["recentFailures"]
    if not failures:
        return Text("-", style=FAINT)
    count = failures["failedRecords"] + failures["failedInvocations"]
    return Text(str(count), style=GRAVE if failures["ongoing"] else "")


def _result(mapping: dict[str, Any]) -> Text:
    """Return Lambda's word on the last batch; it says OK of one of which the function reported a record as failed."""
    failures, result = mapping["recentFailures"], mapping["lastResult"] or ""
    if failures and failures["ongoing"] and result == "OK":
        return Text(f"failed: {failures['kind'] or 'some records'}", style=GRAVE)
    return Text(result, style=GRAVE if is_failing(mapping) else FAINT if result != "OK" else "")


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
        counts = str(each["objects"]), str(each["records"])
        table.add_row(each["function"], each["reason"], standing, *counts)
    return table


def _sum(name: str, rows: Rows, summed: Callable[[Rows], str]) -> Flow:
    return Flow(hanging=9).whole(f"{name:<7}", FAINT).prose(summed(rows))


def _streams_sum(rows: Rows) -> str:
    return ", ".join(f"{each['stream']} {each['status']} ({each['openShards']} open)" for each in rows)


def _queues_sum(rows: Rows) -> str:
    def told(each: dict[str, Any]) -> str:
        waiting = each["visible"] + each["inFlight"] + each["delayed"]
        return f"{each['queue']} {waiting}" + (f" (oldest {duration(each['oldestSeconds'])})" if waiting else "")

    return ", ".join(map(told, rows))


def _parked_sum(rows: Rows) -> str:
    return ", ".join(f"{each['function']} {each['objects']} {each['standing']}" for each in rows) or "nothing"


SUMS: dict[str, Callable[[Rows], str]] = {"streams": _streams_sum, "queues": _queues_sum, "parked": _parked_sum}
