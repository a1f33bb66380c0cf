"""Disabling and enabling the event source mappings of a function, and what that means for its records."""

from time import monotonic, sleep, time
from typing import Any

from rich.console import Group, RenderableType

from streamctl.command import Control
from streamctl.exits import Exit, Trouble
from streamctl.functions import folder_of, physical_name
from streamctl.reading.mappings import DISABLED, ENABLED, FAILED, add_hours_left, mappings
from streamctl.reading.peek import queue_state
from streamctl.reading.queues import queue_url
from streamctl.reading.streams import Stream, retention_hours, streams_of
from streamctl.stack import Stack
from streamctl.suggestions import listed
from streamctl.words import duration
from terminal.flow import Flow

POLL_SECONDS = 1.0
PATIENCE_SECONDS = 300.0
"""Lambda takes up to a few minutes until a mapping is in another state."""

Rows = list[dict[str, Any]]


def set_state(ctl: Control, function: str, wanted: str) -> Exit:
    """Bring the mappings of a function into a state, ``Enabled`` or ``Disabled``; in a dry run, only show them.

    Raises ``Trouble`` for an unknown function, and if a mapping is not in the state after five minutes.
    """
    found = mappings(ctl.stack)
    named = physical_name(function, ctl.stack.functions, lambda: (row["functionName"] for row in found))
    rows = [row for row in found if row["functionName"] == named]
    if not rows:
        known = listed(function, _mapped(ctl.stack, found))
        raise Trouble(Exit.USAGE, f"no mapping of this stack invokes {function}", known)
    streams = {stream.name: stream for stream in streams_of(ctl.stack)}
    hours = {row["source"]: _retention_hours(ctl.stack, streams.get(row["source"])) for row in rows}
    add_hours_left(rows, hours, time())
    document = {
        "function": rows[0]["function"],
        "wanted": wanted,
        "mappings": [_document(row, hours[row["source"]]) for row in rows],
        "applied": ctl.apply,
    }
    if ctl.apply:
        changed = [row for row in rows if row["state"] != wanted]
        for row in changed:
            ctl.stack.client("lambda").update_event_source_mapping(UUID=row["uuid"], Enabled=wanted == ENABLED)
        for row, told in zip(rows, document["mappings"], strict=True):
            told["state"] = _reached(ctl.stack, row, wanted) if row in changed else row["state"]
    ctl.screen.show(document, lambda: _shown(document))
    return Exit.FINE


def _mapped(stack: Stack, rows: Rows) -> list[str]:
    """Return the functions that have a mapping: those of the stack by the names of their folders."""
    own = stack.functions
    return sorted({folder_of(own[name]) if (name := row["functionName"]) in own else name for row in rows})


def _retention_hours(stack: Stack, stream: Stream | None) -> float:
    """Return how long a stream keeps a record; without one, how long the queue of failed batches keeps a message."""
    if stream is None:
        return queue_state(stack.client("sqs"), queue_url(stack, FAILED)).retention_seconds / 3600
    return retention_hours(stack, stream)


def _document(row: dict[str, Any], hours: float) -> dict[str, Any]:
    kept = {name: row[name] for name in ("source", "functionName", "uuid", "state", "hoursLeft")}
    return kept | {"disabledSince": row["disabledSince"], "retentionHours": hours}


def _reached(stack: Stack, row: dict[str, Any], wanted: str) -> str:
    """Wait until a mapping is in a state, and return it."""
    client, ends = stack.client("lambda"), monotonic() + PATIENCE_SECONDS
    while (state := str(client.get_event_source_mapping(UUID=row["uuid"])["State"])) != wanted:
        if monotonic() > ends:
            raise Trouble(
                Exit.REFUSED,
                f"the mapping of {row['function']} ({row['source']}) is still {state}, not {wanted}",
                "It was asked to change. streamctl status shows when it has.",
            )
        sleep(POLL_SECONDS)
    return state


def _shown(document: dict[str, Any]) -> RenderableType:
    return Group(*(line for each in document["mappings"] for line in _lines(document, each)))


def _lines(document: dict[str, Any], mapping: dict[str, Any]) -> list[Flow]:
    function, wanted, state = document["function"], document["wanted"], mapping["state"]
    is_now = f"{state}" if document["applied"] or state == wanted else f"{state}, would be {wanted}"
    head = Flow().whole(function, "bold").prose(f"reads {mapping['source']}: {is_now}")
    explain = _while_disabled if wanted == DISABLED else _when_enabled
    return [head, *(Flow(indent=2).prose(line) for line in explain(function, mapping))]


def _while_disabled(function: str, mapping: dict[str, Any]) -> list[str]:
    kept = duration(mapping["retentionHours"] * 3600)
    left = kept if mapping["hoursLeft"] is None else duration(mapping["hoursLeft"] * 3600)
    source = "queue" if mapping["source"] == FAILED else "stream"
    return [
        f"While it is disabled, {function} receives nothing. Other mappings are not affected.",
        f"The {source} deletes a record {kept} after it was written. Resume within {left}, or records are lost to it.",
        f"Continue with: streamctl resume {function} --apply",
    ]


def _when_enabled(function: str, mapping: dict[str, Any]) -> list[str]:
    if mapping["disabledSince"] is None:
        return [f"{function} continues where it stopped."]
    since = f"It was disabled at {mapping['disabledSince']}, and continues where it stopped."
    if mapping["hoursLeft"]:
        return [since, f"The oldest record that waits is kept for at least {duration(mapping['hoursLeft'] * 3600)}."]
    lost = f"Its source keeps records for {duration(mapping['retentionHours'] * 3600)} only: older ones are deleted."
    return [since, f"{lost} Replay or backfill them: docs/replay-and-backfill.md"]
