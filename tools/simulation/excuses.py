"""Why a change may be missing from a view at the end of a run: its records are parked, or were reported as expired."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from simulation.streams import WatchedStream
from verification.parked import ParkedPayload, held


class Excuses:
    """By function's ARN name, the records that are parked with their payload, and those reported without."""

    def __init__(self, parked: Sequence[ParkedPayload], streams: Iterable[WatchedStream]) -> None:
        self._held = held(parked)
        self._expired: defaultdict[str, set[str]] = defaultdict(set)
        self.reasons = Counter(one.reason for one in parked)
        by_arn = {stream.stream.arn: stream for stream in streams}
        for one in parked:
            if one.payload is None and "streamArn" in one.manifest:
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


def _within(manifest: Mapping[str, Any], stream: WatchedStream) -> Iterable[str]:
    start, end = int(manifest["startSequenceNumber"]), int(manifest["endSequenceNumber"])
    for number, shard_id in stream.shard_of.items():
        if shard_id == manifest["shardId"] and start <= int(number) <= end:
            yield number
