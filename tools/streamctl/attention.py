"""What of a stack's state asks for a person."""

from collections.abc import Iterator
from typing import Any

from changestream.core.redrive import Standing
from changestream.core.rounds import PARK_AFTER_SECONDS
from streamctl.reading.mappings import FAILED
from streamctl.reading.parked import FOREIGN
from streamctl.words import duration, several

SERVING = frozenset({"ACTIVE", "ENABLED", "UPDATING"})
PROBLEM = "PROBLEM"
"""How Lambda's word on the last batch of a mapping begins, if it failed (``LastProcessingResult``)."""


def attention_of(status: str, found: dict[str, Any]) -> list[str]:
    """Return a sentence for each; a section that could not be read says so by itself."""
    rows = {name: each if isinstance(each, list) else [] for name, each in found.items()}
    return [
        *([f"the stack is {status}"] if not status.endswith("_COMPLETE") or "ROLLBACK" in status else []),
        *(f"the stream {each['stream']} is {each['status']}" for each in rows["streams"] if not _serves(each)),
        *_of_mappings(rows["mappings"]),
        *_of_queues(rows["queues"]),
        *_of_parked(rows["parked"]),
    ]


def is_late(mapping: dict[str, Any]) -> bool:
    """Tell whether a mapping is so far behind that it is half-way to giving records up for their age."""
    lag, most = mapping["lagSeconds"], mapping["maximumRecordAgeSeconds"]
    return lag is not None and most is not None and lag >= most / 2


def _serves(stream: dict[str, Any]) -> bool:
    return stream["status"] in SERVING


def _of_mappings(mappings: list[dict[str, Any]]) -> Iterator[str]:
    for each in mappings:
        who = f"{each['function']} ({each['source']})"
        if each["state"] != "Enabled":
            yield f"the mapping of {who} is {each['state']}"
        if str(each["lastResult"]).startswith(PROBLEM):
            yield f"the last batch of {who} failed: {each['lastResult']}"
        if is_late(each):
            most = duration(each["maximumRecordAgeSeconds"])
            yield f"{who} is {duration(each['lagSeconds'])} behind; records older than {most} are given up"


def _of_queues(queues: list[dict[str, Any]]) -> Iterator[str]:
    for each in queues:
        waiting = each["visible"] + each["inFlight"] + each["delayed"]
        if each["queue"] == FAILED and (each["oldestSeconds"] or 0) > 2 * PARK_AFTER_SECONDS and waiting:
            yield f"a failed batch waits for {duration(each['oldestSeconds'])}: recovery does not finish it"
        if each["queue"] != FAILED and waiting:
            yield f"{several(waiting, 'dead letter')}, neither recovered nor parked: streamctl failures --dead-letters"


def _of_parked(parked: list[dict[str, Any]]) -> Iterator[str]:
    for each in parked:
        if each["standing"] == Standing.WAITING:
            what = f"{several(each['objects'], 'parked object')} of {each['function']} ({each['reason']})"
            yield f"{what} wait for a person" if each["objects"] != 1 else f"{what} waits for a person"
        if each["standing"] == FOREIGN:
            yield f"{several(each['objects'], 'object')} under {each['function']} among the parked records: not ours"
