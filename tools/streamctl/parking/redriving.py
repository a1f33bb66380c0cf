"""Having redrive_parked deliver some objects at once, and finding out what became of each."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import batched
from time import time
from typing import Any

from changestream.core.redrive import Standing
from streamctl.exits import Exit, Trouble
from streamctl.parking.objects import FOREIGN, ParkedObjects
from streamctl.stack import Stack

KEYS_AT_ONCE = 1_000
"""Of a parked object a key has 1,024 bytes at most (S3), and an invocation 6 MB."""

LONGEST_SECONDS = 1_830
"""How long to wait for an answer: a function runs for 1,800 seconds at most (Lambda quotas), whatever its time-out."""

APPLIED, PARTLY, FAILED, UNSEEN = "applied", "partly", "failed", "unseen"


@dataclass(frozen=True, slots=True)
class Fate:
    """What became of an object, and why it is still there."""

    key: str
    outcome: str
    reason: str = ""

    def document(self) -> dict[str, Any]:
        return {"key": self.key, "outcome": self.outcome} | ({"reason": self.reason} if self.reason else {})


def redrive(stack: Stack, objects: ParkedObjects, keys: Iterable[str]) -> list[Fate]:
    """Redrive objects; where a run has not the time for all of them, another one goes on.

    Raises ``Trouble`` where the function fails as a whole: what it did until then is done.
    """
    fates: dict[str, Fate] = {}
    for part in batched(keys, KEYS_AT_ONCE, strict=False):
        left = list(part)
        while left:
            report = _invoke(stack, left)
            found = {key: _fate(objects, key, report) for key in left}
            fates |= found
            unseen = [key for key in left if found[key].outcome == UNSEEN] if report["unseen"] else []
            left = unseen if len(unseen) < len(left) else []
    return list(fates.values())


def _invoke(stack: Stack, keys: list[str]) -> Mapping[str, Any]:
    client = stack.client("lambda", read_timeout_seconds=LONGEST_SECONDS)
    answer = client.invoke(
        FunctionName=stack.output("RedriveParkedFunctionName"), Payload=json.dumps({"keys": keys}).encode()
    )
    report: Mapping[str, Any] = json.load(answer["Payload"])
    if answer.get("FunctionError"):
        raise Trouble(Exit.REFUSED, f"RedriveParked failed: {report.get('errorType')}: {report.get('errorMessage')}")
    return report


def _fate(objects: ParkedObjects, key: str, report: Mapping[str, Any]) -> Fate:
    """Tell by the object as it is now; what is left of one that was divided lies beside it."""
    if key in report["unreadable"]:
        return Fate(key, FOREIGN, report["unreadable"][key])
    parked, kept = objects.load(key), report["kept"]
    if parked is None:
        beside = [other for other in kept if other.rpartition("/")[0] == key.rpartition("/")[0] and _within(other, key)]
        return Fate(key, PARTLY, kept[beside[0]]) if beside else Fate(key, APPLIED)
    if key in kept:
        return Fate(key, FAILED, kept[key])
    stands = parked.standing(time(), asked_for=True)
    if stands in (Standing.HELD, Standing.WAITING):
        return Fate(key, stands, str(parked.manifest.get("message", "")))
    return Fate(key, UNSEEN, "the run did not come to it")


def _within(part: str, whole: str) -> bool:
    """Tell whether the numbers in the name of one object are within those of another."""
    (start, end), (first, last) = _numbers(part), _numbers(whole)
    return first <= start and end <= last


def _numbers(key: str) -> tuple[int, int]:
    start, _, end = key.rpartition("/")[2].partition(".")[0].partition("-")
    return int(start), int(end or start)
