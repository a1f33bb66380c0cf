"""How the function of a scenario behaves.

script     outcomes of the first invocations, in order: ok, raise, throttle, "report a b", {return: …},
           or outgrow, to answer with a window's state above its limit
records    outcomes of any later invocation that holds the record: raise, throttle or report;
           "raise 2" for the first two such invocations only
returns    what it answers otherwise (nothing); "seq(a)" stands for the sequence number of a
collect    true to answer with a window's state that lists the records it has seen
duration   seconds that an invocation takes
arn, version   as configured in the mapping, and as executed
"""

import re
from collections import Counter
from collections.abc import Mapping
from typing import Any

from event_source_mapping import Throttled
from event_source_mapping.rehearsal import identifier
from event_source_mapping.tumbling import STATE_LIMIT

PLACEHOLDER = re.compile(r"seq\(([^)]+)\)")


class Script:
    """The handler; `names` maps labels to identifiers and grows as records are written."""

    def __init__(self, function: Mapping[str, Any], names: Mapping[str, str]) -> None:
        self._outcomes = iter(function.get("script", []))
        self._records: dict[str, str] = {str(label): text for label, text in function.get("records", {}).items()}
        self._returns = function.get("returns")
        self._collect = function.get("collect", False)
        self._names = names
        self._met: Counter[str] = Counter()

    def __call__(self, event: dict[str, Any]) -> Any:
        labels = self.labels(event["Records"])
        outcome = next(self._outcomes, None) or self._of_records(labels)
        if isinstance(outcome, dict):
            return filled(outcome["return"], self._names)
        kind, _, operand = outcome.partition(" ")
        if kind == "throttle":
            raise Throttled("Rate Exceeded.")
        if kind == "raise":
            raise ValueError("as scripted")
        if kind == "outgrow":
            return {"state": {"text": "x" * STATE_LIMIT}}
        reported = operand.split() if kind == "report" else []
        return self._answer(event, labels, reported)

    def labels(self, records: list[dict[str, Any]]) -> list[str]:
        known = {name: label for label, name in self._names.items()}
        return [known[identifier(record)] for record in records]

    def _of_records(self, labels: list[str]) -> str:
        """The gravest of what the records ask for."""
        asked: dict[str, list[str]] = {}
        for label in labels:
            kind, _, times = self._records.get(label, "ok").partition(" ")
            self._met[label] += 1
            if not times or self._met[label] <= int(times):
                asked.setdefault(kind, []).append(label)
        return next(
            (f"{kind} {' '.join(asked[kind])}" for kind in ("throttle", "raise", "report") if kind in asked), "ok"
        )

    def _answer(self, event: dict[str, Any], labels: list[str], reported: list[str]) -> Any:
        answer: dict[str, Any] = {}
        if self._collect:
            done = labels[: labels.index(reported[0])] if reported else labels
            answer["state"] = {"seen": " ".join([*event["state"].get("seen", "").split(), *done])}
        if reported:
            answer["batchItemFailures"] = [{"itemIdentifier": self._names[label]} for label in reported]
        return answer or filled(self._returns, self._names)


def filled(value: Any, names: Mapping[str, str]) -> Any:
    """`value` with sequence numbers for its placeholders."""
    if isinstance(value, str):
        return PLACEHOLDER.sub(lambda found: names[found[1]], value)
    if isinstance(value, list):
        return [filled(entry, names) for entry in value]
    if isinstance(value, dict):
        return {name: filled(entry, names) for name, entry in value.items()}
    return value
