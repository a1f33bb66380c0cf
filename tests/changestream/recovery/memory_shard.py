"""A shard in memory, behind the reader that recovery uses: pages, trims, expires iterators and refuses as told."""

import json
from collections.abc import Iterable

from builders import failure_message, sequence_number, table_record, task
from changestream.core.errors import RecordsExpired, TransientError
from changestream.core.failed_batch import EventRecord, FailedBatch
from changestream.core.sequence_number import SequenceNumber
from changestream.recovery.shard_reader import (
    AFTER_SEQUENCE_NUMBER,
    AT_SEQUENCE_NUMBER,
    ExpiredIterator,
    FetchedPage,
)
from changestream.wire.failure_message import failed_batch


class MemoryShard:
    """Holds records numbered ``numbers``; ``empty_pages`` come before every page that has records."""

    seconds_between_reads = 1.0

    def __init__(self, numbers: Iterable[int], page_limit: int = 3, *, closed: bool = True) -> None:
        self.page_limit = page_limit
        self.records: list[EventRecord] = [table_record(n, task(f"task-{n}")) for n in numbers]
        self.horizon = 0
        self.closed = closed
        self.empty_pages = 0
        self.expire_after: int | None = None
        self.refusals = 0
        self.pages_read: list[int] = []
        self._empties_left = 0

    def trim(self, before: int) -> None:
        self.horizon = int(sequence_number(before))

    def iterator(self, iterator_type: str, sequence_number: str | None = None) -> str:
        self._refuse_for_a_while()
        if iterator_type in (AT_SEQUENCE_NUMBER, AFTER_SEQUENCE_NUMBER):
            at = int(sequence_number or "")
            if at < self.horizon:
                raise RecordsExpired("trimmed")
            return str(at + (iterator_type == AFTER_SEQUENCE_NUMBER))
        return str(self.horizon)

    def page(self, iterator: str, limit: int) -> FetchedPage:
        self._refuse_for_a_while()
        if self.expire_after is not None and len(self.pages_read) == self.expire_after:
            self.expire_after = None
            raise ExpiredIterator("expired")
        if int(iterator) < self.horizon:
            raise RecordsExpired("trimmed")
        if self._empties_left < self.empty_pages:
            self._empties_left += 1
            return FetchedPage([], iterator, at_tip=False)
        self._empties_left = 0
        found = [record for record in self.records if number(record) >= int(iterator)]
        taken = found[: min(limit, self.page_limit)]
        self.pages_read.append(len(taken))
        ended = self.closed and len(taken) == len(found)
        following = str(number(taken[-1]) + 1) if taken else iterator
        return FetchedPage(taken, None if ended else following, at_tip=False)

    def may_pass_over(self, _arrived: float, /) -> bool:
        return False

    def _refuse_for_a_while(self) -> None:
        if self.refusals:
            self.refusals -= 1
            raise TransientError("throttled")


def number(record: EventRecord) -> int:
    return int(record["dynamodb"]["SequenceNumber"])


def of_record(record: EventRecord) -> SequenceNumber:
    return SequenceNumber.parse(record["dynamodb"]["SequenceNumber"])


def batch_of(start: int, end: int) -> FailedBatch:
    """The failed batch of a stretch of the shard."""
    return failed_batch(json.dumps(failure_message(sequence_number(start), sequence_number(end))))
