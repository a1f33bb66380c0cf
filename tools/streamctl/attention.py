"""What of a stack's state asks for a person, the gravest first."""

from collections.abc import Callable, Iterator
from typing import Any

from changestream.core.redrive import Standing
from changestream.core.rounds import PARK_AFTER_SECONDS
from streamctl.reading.mappings import DISABLED, ENABLED, FAILED
from streamctl.reading.parked import FOREIGN
from streamctl.words import duration, several

SERVING = frozenset({"ACTIVE", "ENABLED", "UPDATING"})
PROBLEM = "PROBLEM"
"""How Lambda's word on the last batch of a mapping begins, if it failed (``LastProcessingResult``)."""

NOTICEABLE_LAG_SECONDS = 60
"""A smaller lag may grow for a while without a reason, and recovery takes seconds for most failed batches."""

Rows = list[dict[str, Any]]


def attention_of(status: str, found: dict[str, Any]) -> list[str]:
    """Return a sentence for each; a section that could not be read says so by itself."""
    rows = {name: each if isinstance(each, list) else [] for name, each in found.items()}
    mappings, parked = rows["mappings"], rows["parked"]
    told = [
        *([f"the stack is {status}"] if not status.endswith("_COMPLETE") or "ROLLBACK" in status else []),
        *(f"the stream {each['stream']} is {each['status']}" for each in rows["streams"] if not _serves(each)),
        *_each(_failing, mappings),
        *_each(_behind, mappings),
        *_each(_at_rest, mappings),
        *_of_queues(rows["queues"]),
        *_each(_waiting, parked),
        *_of_retried(parked),
    ]
    return list(dict.fromkeys(told))  # a function with two mappings fails once


def is_late(mapping: dict[str, Any]) -> bool:
    """Tell whether a mapping is so far behind that it is half-way to giving records up for their age."""
    lag, most = mapping["lagSeconds"], mapping["maximumRecordAgeSeconds"]
    return lag is not None and most is not None and most > 0 and lag >= most / 2  # -1: none is given up for its age


def falls_behind(mapping: dict[str, Any]) -> bool:
    """Tell whether a mapping is noticeably behind, and more so every minute."""
    return bool(mapping["lagGrowing"]) and (mapping["lagSeconds"] or 0) >= NOTICEABLE_LAG_SECONDS


def is_failing(mapping: dict[str, Any]) -> bool:
    """Tell whether the consumer of a mapping fails at present."""
    failures = mapping["recentFailures"]
    return bool(failures and failures["ongoing"]) or str(mapping["lastResult"]).startswith(PROBLEM)


def is_troubled(mapping: dict[str, Any]) -> bool:
    """Tell whether a mapping has a part in what asks for a person."""
    return mapping["state"] != ENABLED or is_failing(mapping) or is_late(mapping) or falls_behind(mapping)


def _each(sentence: Callable[[dict[str, Any]], str | None], rows: Rows) -> Iterator[str]:
    return (told for each in rows if (told := sentence(each)))


def _serves(stream: dict[str, Any]) -> bool:
    return stream["status"] in SERVING


def _who(mapping: dict[str, Any]) -> str:
    return f"{mapping['function']} ({mapping['source']})"


def _failing(mapping: dict[str, Any]) -> str | None:
    if not is_failing(mapping):
        return None
    failures, result = mapping["recentFailures"], str(mapping["lastResult"])
    if not failures:
        return f"the last batch of {_who(mapping)} failed: {result}"
    reason = ": ".join(filter(None, (failures["kind"], failures["reason"]))) or result
    return f"{_who(mapping)} fails since {failures['since'][11:16]}Z: {reason}"


def _behind(mapping: dict[str, Any]) -> str | None:
    lag, grows = duration(mapping["lagSeconds"]), ", and the lag grows" if mapping["lagGrowing"] else ""
    if is_late(mapping):
        most = duration(mapping["maximumRecordAgeSeconds"])
        return f"{_who(mapping)} is {lag} behind{grows}; records older than {most} are given up"
    return f"{_who(mapping)} is {lag} behind{grows}" if falls_behind(mapping) else None


def _at_rest(mapping: dict[str, Any]) -> str | None:
    if mapping["state"] == ENABLED:
        return None
    told = f"the mapping of {_who(mapping)} is {mapping['state']}"
    if mapping["state"] != DISABLED or mapping["disabledSince"] is None:
        return told
    told += f" since {mapping['disabledSince'][:16].replace('T', ' ')}"
    left = mapping["hoursLeft"]
    return told if left is None else f"{told}; its stream deletes unread records in {duration(left * 3600)}"


def _of_queues(queues: Rows) -> Iterator[str]:
    for each in queues:
        waiting = each["visible"] + each["inFlight"] + each["delayed"]
        oldest = each["oldestSeconds"] or 0
        if each["queue"] == FAILED and waiting and oldest > 2 * PARK_AFTER_SECONDS:
            yield f"a failed batch waits for {duration(oldest)}: recovery does not finish it"
        elif each["queue"] == FAILED and waiting and oldest >= NOTICEABLE_LAG_SECONDS:
            yield f"a failed batch waits for {duration(oldest)}; recovery retries by itself"
        if each["queue"] != FAILED and waiting:
            yield f"{several(waiting, 'dead letter')}, neither recovered nor parked: streamctl failures --dead-letters"


def _waiting(parked: dict[str, Any]) -> str | None:
    if parked["standing"] == Standing.WAITING:
        what = f"{several(parked['objects'], 'parked object')} of {parked['function']} ({parked['reason']})"
        return f"{what} wait for a person" if parked["objects"] != 1 else f"{what} waits for a person"
    if parked["standing"] == FOREIGN:
        return f"{several(parked['objects'], 'object')} under {parked['function']} among the parked records: not ours"
    return None


def _of_retried(parked: Rows) -> Iterator[str]:
    """A record that is parked is not applied, also while it is retried by itself."""
    counts: dict[tuple[str, str], int] = {}
    for each in parked:
        if each["standing"] not in (Standing.WAITING, FOREIGN):
            about = each["function"], each["reason"]
            counts[about] = counts.get(about, 0) + each["objects"]
    for (function, reason), objects in counts.items():
        what = f"{several(objects, 'parked object')} of {function} ({reason})"
        yield f"{what} {'is' if objects == 1 else 'are'} not applied yet; recovery retries by itself"
