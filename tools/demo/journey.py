"""The journey of one failed record, from its first delivery to its end, with its real identifiers."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from demo.chronicle import PARKED, RECOVERED, RECOVERY, Chronicle, Entry
from verification.parked import ParkedPayload

Record = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Stage:
    """One thing that happened to the record; ``at`` is in epoch seconds."""

    at: float
    name: str
    what: str


def most_travelled(chronicle: Chronicle, parked: Sequence[ParkedPayload]) -> ParkedPayload:
    """Return the parked object whose record was bisected out of the largest batch."""

    def companions(one: ParkedPayload) -> int:
        number = str(one.manifest["startSequenceNumber"])
        steps = _steps(chronicle, number, one.function)
        sizes = (len(entry["sequence_numbers"]) for entry in steps if _bisected(entry))
        return max(sizes, default=0)

    return max(parked, key=companions)


def tell(chronicle: Chronicle, parked: ParkedPayload) -> list[Stage]:
    """Return what happened to a parked record until it was parked, in order."""
    number = str(parked.manifest["startSequenceNumber"])
    function = parked.function
    stages = [*_mapping_stages(chronicle, number, function), *_recovery_stages(chronicle, number, function)]
    return sorted(stages, key=lambda stage: stage.at)


def title(parked: ParkedPayload) -> str:
    """Return a heading for a parked record's journey: what it is, and why it failed."""
    record = parked.records[0]
    number, shard = parked.manifest["startSequenceNumber"], parked.manifest["shardId"]
    return f"The journey of {record['eventName']} {number} in {shard}: {parked.message}"


def _mapping_stages(chronicle: Chronicle, number: str, function: str) -> Iterator[Stage]:
    for entry in _steps(chronicle, number, function):
        count, detail = len(entry["sequence_numbers"]), entry["detail"]
        of = f"{count} record{'s' if count > 1 else ''}"
        match entry["kind"]:
            case "mapping.delivered":
                name = "delivered" if detail["attempt"] == 1 else "retried"
                what = f"in a batch of {of}, attempt {detail['attempt']}, request {detail['request_id']}"
                yield Stage(entry["at"], name, f"{what}: {_outcome(entry)}")
            case "mapping.bisected":
                yield Stage(entry["at"], "bisected", f"the batch of {of} in two")
            case "mapping.discarded":
                yield Stage(entry["at"], "given up", f"{detail['condition']}, message to {detail['destination']}")


def _recovery_stages(chronicle: Chronicle, number: str, function: str) -> Iterator[Stage]:
    for entry in chronicle.lines:
        line = entry["parsed"]
        if RECOVERY not in entry["functionName"] or line.get("function") != function:
            continue
        if not int(line["start"]) <= int(number) <= int(line["end"]):
            continue
        if line["message"] == "recovering":
            yield Stage(entry["at"], "picked up", f"on-failure message for {line['shard']} from {line['start']}")
        elif line["message"].startswith(RECOVERED):
            calls = f"{line['calls']} calls of GetShardIterator and GetRecords"
            yield Stage(entry["at"], "refetched", f"{line['records']} of the range's records, in {calls}")
            done = f"to {line['function']}, {line['applied']} of {line['records']} applied"
            yield Stage(entry["at"] + 1e-6, "redelivered", done)
        elif line["message"] == PARKED:
            yield Stage(entry["at"] + 2e-6, "parked", f"{line['reason']}: {line['key']}")


def _steps(chronicle: Chronicle, number: str, function: str) -> Iterator[Entry]:
    """Return what one function's mapping did with a record: several may have failed on the same one."""
    for entry in chronicle.entries:
        of_record = entry["kind"].startswith("mapping.") and number in entry.get("sequence_numbers", ())
        if of_record and chronicle.function_of(entry["mapping_uuid"]) == function:
            yield entry


def _bisected(entry: Entry) -> bool:
    return bool(entry["kind"] == "mapping.bisected")


def _outcome(entry: Entry) -> str:
    outcome = entry["detail"]["outcome"]
    return "a record of it failed" if outcome == "partial" else str(outcome)
