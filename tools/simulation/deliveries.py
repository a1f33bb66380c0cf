"""Every delivery of records to a function, for whoever has to explain what became of one."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from verification.changes import number_of


@dataclass(frozen=True, slots=True)
class RecordDelivery:
    """When records were delivered to which function by whom, and what came of it."""

    at: float
    function: str
    by: str
    request_id: str
    numbers: tuple[str, ...]
    ending: str


class Deliveries:
    """Keeps them in the order in which they ended."""

    def __init__(self, now: Callable[[], float]) -> None:
        self.all: list[RecordDelivery] = []
        self.records: Counter[str] = Counter()
        self.given_up: defaultdict[str, set[str]] = defaultdict(set)
        """By function, the records that its mapping handed to a destination."""
        self.ranges: defaultdict[str, list[tuple[str, int, int]]] = defaultdict(list)
        """By function's ARN, the (shard, first, last) that recovery was told to bring back."""
        self._now = now

    def note(self, function: str, by: str, request_id: str, event: Any, error: str | None, answer: Any) -> None:
        """Take note of a delivery that has ended."""
        numbers = tuple([record.get("messageId") or number_of(record) for record in event.get("Records", ())])
        self.records[function] += len(numbers)
        if error is not None:
            ending = f"{answer.get('errorType')}: {answer.get('errorMessage')}" if isinstance(answer, dict) else error
        else:
            ending = "done"
            failures = (answer or {}).get("batchItemFailures")
            if failures:
                ending = f"stopped at {failures[0]['itemIdentifier']}: {answer.get('failure')}"
        self.all.append(RecordDelivery(self._now(), function, by, request_id, numbers, ending))

    def give_up(self, function: str, numbers: tuple[str, ...], ending: str) -> None:
        """Take note of records that a mapping handed to its destination."""
        self.given_up[function].update(numbers)
        self.all.append(RecordDelivery(self._now(), function, "mapping", "none", numbers, ending))

    def hand_over(self, message: Any) -> None:
        """Take note of an on-failure message."""
        described = message.get("KinesisBatchInfo") or message.get("DDBStreamBatchInfo")
        if described:
            first, last = (int(described[f"{end}SequenceNumber"]) for end in ("start", "end"))
            self.ranges[message["requestContext"]["functionArn"]].append((described["shardId"], first, last))

    def of(self, function: str, number: str) -> Iterator[RecordDelivery]:
        """Yield the deliveries of one record to one function."""
        for delivery in self.all:
            if delivery.function == function and number in delivery.numbers:
                yield delivery
