"""What of a change is parked, and which on-failure messages point to it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from changestream.core.errors import ForeignObject
from changestream.core.failed_batch import EventRecord
from changestream.core.sequence_number import SequenceNumber
from changestream.recovery.parked_records import ParkedRecords
from changestream.wire.lambda_event import sequence_number
from changestream.wire.parked_object import PREFIX
from changestream.wire.redrive_manifest import rounds_of
from streamctl.explaining.kept import in_range
from streamctl.parking.names import id_of
from streamctl.reading.failures import WaitingFailure
from streamctl.reading.mappings import short_name
from streamctl.reading.seen import Seen
from streamctl.stack import Stack
from streamctl.together import together


@dataclass(frozen=True, slots=True)
class ParkedTrace:
    """A parked object that has a record of the change, or whose range it is in: without a payload nobody can tell."""

    function: str
    key: str
    reason: str
    message: str
    rounds: int

    def document(self) -> dict[str, Any]:
        """Return what ``--json`` writes of it."""
        return {
            "function": self.function,
            "key": self.key,
            "id": id_of(self.key),
            "reason": self.reason,
            "message": self.message,
            "rounds": self.rounds,
        }


def parked_of(stack: Stack, sightings: Iterable[Seen]) -> list[ParkedTrace]:
    """Return the parked objects that have the change. Only objects whose key's range it is in are read."""
    records = ParkedRecords(stack.client("s3"), stack.output("ParkedRecordsBucketName"))
    numbers = {(each.shard_id, int(each.sequence_number)) for each in sightings if each.sequence_number}
    keys = [key for key in records.keys(PREFIX) if _may_hold(key, numbers)]
    return [found for found in together(lambda key: _read(stack, records, key, numbers), keys) if found]


def pointing_to(failures: Iterable[WaitingFailure], sightings: Iterable[Seen]) -> list[WaitingFailure]:
    """Return the failures whose range the change is in."""
    places = [(each.shard_id, SequenceNumber.parse(each.sequence_number)) for each in sightings if each.sequence_number]
    return [
        failure
        for failure in failures
        if failure.batch
        and any(shard == failure.batch.shard_id and failure.batch.within(number) for shard, number in places)
    ]


def _may_hold(key: str, numbers: set[tuple[str, int]]) -> bool:
    """Tell by ``…/SHARD/START-END.json`` whether a record of the change may be in an object."""
    shard = key.rpartition("/")[0].rpartition("/")[2]
    return any(shard == of and in_range(key, number) for of, number in numbers)


def _read(stack: Stack, records: ParkedRecords, key: str, numbers: set[tuple[str, int]]) -> ParkedTrace | None:
    try:
        stored = records.load(key)
        if stored is None or not _has(stored.payload, numbers):
            return None
        rounds = rounds_of(stored.manifest).done
    except (ForeignObject, ValueError, TypeError):  # streamctl status tells of those
        return None
    function = short_name(stack, key.removeprefix(PREFIX).partition("/")[0])
    return ParkedTrace(function, key, str(stored.manifest["reason"]), str(stored.manifest.get("message", "")), rounds)


def _has(payload: Mapping[str, Any] | None, numbers: set[tuple[str, int]]) -> bool:
    if payload is None:
        return True
    held: list[EventRecord] = payload["Records"]
    return bool({int(sequence_number(record)) for record in held} & {number for _, number in numbers})
