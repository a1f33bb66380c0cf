"""What the runtime's journal tells so far: counts for the screen, and every entry for the journey of one record."""

import json
from collections import Counter
from typing import Any

from demo.follower import Follower
from demo.runtime import ServedStack

Entry = dict[str, Any]

RECOVERY = "RecoverBatches"
RECOVERED = "batch recovered"
PARKED = "parked"
LOOK_SECONDS = 0.2


class Chronicle(Follower):
    """Follows the journal as long as the block lasts."""

    def __init__(self, runtime: ServedStack) -> None:
        super().__init__("chronicle", LOOK_SECONDS)
        self._runtime = runtime
        self.entries: list[Entry] = []
        self.lines: list[Entry] = []
        self.steps: Counter[tuple[str, str]] = Counter()
        self.records: Counter[str] = Counter()
        self.recovered: Counter[str] = Counter()
        self.given_up: Counter[str] = Counter()
        """By function, how often its mapping gave up records that a dependency had been refused for."""
        self.refused = 0
        self._unavailable: set[tuple[str, str]] = set()
        self._functions: dict[str, str] = {}

    def catch_up(self) -> None:
        """Read the journal to its present end."""
        while entries := self._runtime.journal(self.entries[-1]["number"] if self.entries else 0):
            for entry in entries:
                self.entries.append(entry)
                self._count(entry)

    def function_of(self, mapping_uuid: str) -> str:
        """Return the name of the function that a mapping invokes."""
        if mapping_uuid not in self._functions:
            self._functions = {one["uuid"]: one["functionName"] for one in self._runtime.status()["mappings"]}
        return self._functions.get(mapping_uuid, "")

    def _count(self, entry: Entry) -> None:
        kind = entry["kind"]
        if kind.startswith("mapping."):
            function = self.function_of(entry["mapping_uuid"])
            step = kind.removeprefix("mapping.")
            self.steps[function, step] += 1
            if step == "discarded" and any((function, n) in self._unavailable for n in entry["sequence_numbers"]):
                self.given_up[function] += 1
            if step == "delivered" and entry["detail"]["outcome"] == "success":
                self.records[function] += len(entry["sequence_numbers"])
        elif kind == "refusal.hit":
            self.refused += 1
        elif kind == "function.log" and (line := read_line(entry)):
            self.lines.append(entry | {"parsed": line})
            if line.get("kind") == "unavailable" and "first_failed" in line:
                self._unavailable.add((line["function_name"], line["first_failed"]))
            if str(line.get("message")).startswith(RECOVERED):
                self.recovered.update(batches=1, applied=line["applied"], parked=sum(line["parked"].values()))


def read_line(entry: Entry) -> dict[str, Any] | None:
    """Return the structured line in a journal entry, ``None`` for any other output."""
    text = entry["line"]
    if not text.startswith("{"):
        return None
    try:
        line = json.loads(text)
    except ValueError:
        return None
    return line if isinstance(line, dict) else None
