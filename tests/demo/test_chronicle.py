"""The chronicle: what it counts of the journal."""

import json
from typing import Any

from demo.chronicle import Chronicle

CONSUMER = "changestream-AnnounceChangesFunction-1"


class Told:
    """A runtime that tells what is given."""

    def __init__(self, *entries: dict[str, Any]) -> None:
        self._entries = [{"number": n, **entry} for n, entry in enumerate(entries, start=1)]

    def journal(self, after: int) -> list[dict[str, Any]]:
        return self._entries[after:]

    def status(self) -> dict[str, Any]:
        return {"mappings": [{"uuid": "mapping-1", "functionName": CONSUMER}]}


def stopped(number: str, kind: str, function: str = CONSUMER) -> dict[str, Any]:
    line = {"message": "batch stopped", "function_name": function, "first_failed": number, "kind": kind}
    return {"kind": "function.log", "line": json.dumps(line)}


def discarded(number: str) -> dict[str, Any]:
    return {"kind": "mapping.discarded", "mapping_uuid": "mapping-1", "sequence_numbers": [number]}


def given_up(*entries: dict[str, Any]) -> int:
    runtime: Any = Told(*entries)
    chronicle = Chronicle(runtime)
    chronicle.catch_up()
    return chronicle.given_up[CONSUMER]


def test_good_records_given_up_are_told_from_poison() -> None:
    assert given_up(stopped("1", "poison"), discarded("1")) == 0
    assert given_up(stopped("1", "poison"), stopped("2", "unavailable"), discarded("1"), discarded("2")) == 1


def test_what_another_function_was_refused_does_not_count() -> None:
    assert given_up(stopped("1", "unavailable", "changestream-IndexTasksFunction-1"), discarded("1")) == 0
