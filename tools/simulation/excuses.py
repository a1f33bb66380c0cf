"""Why a change may be missing from a view at the end of a run: its records are parked, or were reported as expired."""

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from simulation.deliveries import number_of
from simulation.streams import WatchedStream


@dataclass(frozen=True, slots=True)
class ParkedExcuse:
    """An object of the parking lot."""

    key: str
    manifest: Mapping[str, Any]
    payload: Mapping[str, Any] | None

    @property
    def reason(self) -> str:
        return str(self.manifest["reason"])

    @property
    def function(self) -> str:
        return str(self.manifest.get("functionArn", "")).rpartition(":")[2]

    @property
    def numbers(self) -> list[str]:
        """The sequence numbers of the records that it holds."""
        return [number_of(record) for record in (self.payload or {}).get("Records", ())]


class Excuses:
    """By function's ARN name, the records that are parked with their payload, and those reported without."""

    def __init__(self, parked: Sequence[ParkedExcuse], streams: Iterable[WatchedStream]) -> None:
        self._held: defaultdict[str, set[str]] = defaultdict(set)
        self._expired: defaultdict[str, set[str]] = defaultdict(set)
        self.reasons = Counter(one.reason for one in parked)
        by_arn = {stream.stream.arn: stream for stream in streams}
        for one in parked:
            if one.payload is not None:
                self._held[one.function].update(one.numbers)
            elif "streamArn" in one.manifest:
                stream = by_arn[one.manifest["streamArn"]]
                self._expired[one.function].update(_within(one.manifest, stream))

    def lose(self, function: str, stream: WatchedStream, windows: Iterable[tuple[str, float, float]]) -> None:
        """Take note of windows that were lost with their final invocation, which is told and known."""
        for shard_id, start, end in windows:
            self._expired[function].update(
                number
                for number, of_record in stream.shard_of.items()
                if of_record == shard_id and start <= stream.arrival_of[number] < end
            )

    def miss(self, function: str, numbers: Iterable[str]) -> None:
        """Take note of records that were trimmed before a mapping came to read them."""
        self._expired[function].update(numbers)

    def excuse(self, function: str, numbers: Sequence[str]) -> bool:
        """Tell whether every record that carried a change is held or reported for a function."""
        held, expired = self._held[function], self._expired[function]
        return all(number in held or number in expired for number in numbers)

    def held(self, function: str) -> set[str]:
        return self._held[function]


def read(objects: Mapping[str, bytes]) -> list[ParkedExcuse]:
    """Return the objects of the parking lot."""
    found = []
    for key, body in objects.items():
        document = json.loads(body)
        found.append(ParkedExcuse(key, document["manifest"], document["payload"]))
    return found


def _within(manifest: Mapping[str, Any], stream: WatchedStream) -> Iterable[str]:
    start, end = int(manifest["startSequenceNumber"]), int(manifest["endSequenceNumber"])
    for number, shard_id in stream.shard_of.items():
        if shard_id == manifest["shardId"] and start <= int(number) <= end:
            yield number
