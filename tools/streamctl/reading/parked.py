"""What is parked, counted by function, reason and standing."""

from collections import Counter
from time import time
from typing import Any

from changestream.core.errors import ForeignObject
from changestream.core.redrive import RedriveRounds
from changestream.recovery.parked_records import ParkedRecords
from changestream.wire.parked_object import PREFIX
from changestream.wire.redrive_manifest import is_deliverable, rounds_of
from streamctl.reading.mappings import short_name
from streamctl.reading.rounds import redrive_rounds
from streamctl.stack import Stack
from streamctl.together import together

FOREIGN = "foreign"
"""Stands for reason and standing of an object that nobody here can read."""


def parked(stack: Stack) -> list[dict[str, Any]]:
    """Return, by function, reason and standing, how many objects and records are parked. Reads every object."""
    records = ParkedRecords(stack.client("s3"), stack.output("ParkedRecordsBucketName"))
    objects: Counter[tuple[str, str, str]] = Counter()
    contents: Counter[tuple[str, str, str]] = Counter()
    keys = list(records.keys(PREFIX))
    rounds = redrive_rounds(stack) if keys else RedriveRounds()
    for found in together(lambda key: _seen(stack, records, rounds, key), keys):
        if found is not None:
            objects[found[0]] += 1
            contents[found[0]] += found[1]
    return [
        {"function": function, "reason": reason, "standing": stands, "objects": objects[key], "records": contents[key]}
        for key in sorted(objects)
        for function, reason, stands in [key]
    ]


def _seen(
    stack: Stack, records: ParkedRecords, rounds: RedriveRounds, key: str
) -> tuple[tuple[str, str, str], int] | None:
    function = short_name(stack, key.removeprefix(PREFIX).partition("/")[0])
    try:
        stored = records.load(key)
        if stored is None:
            return None
        deliverable = is_deliverable(stored.manifest, stored.payload)
        stands = rounds.standing(rounds_of(stored.manifest), time(), deliverable=deliverable, asked_for=False)
        count = int(stored.manifest.get("records", 0))
    except (ForeignObject, ValueError, TypeError):  # of a manifest, anything may have been made by hand
        return (function, FOREIGN, FOREIGN), 0
    return (function, str(stored.manifest["reason"]), stands), count
