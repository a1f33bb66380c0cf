"""The original records of a failed batch, read again from its shard: the whole range and not one record more."""

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from time import sleep

from changestream.aws.shard_reader import (
    AFTER_SEQUENCE_NUMBER,
    AT_SEQUENCE_NUMBER,
    TRIM_HORIZON,
    IteratorExpired,
    Page,
    SequenceNumberRefused,
    ShardReader,
)
from changestream.core.deadline import Deadline
from changestream.core.errors import RecordsExpired, SourceGone, TransientError
from changestream.core.failed_batch import EventRecord, FailedBatch
from changestream.core.sequence_number import SequenceNumber

REFUSALS_BORNE = 5
"""Refused reads in a row before recovery gives way. A table's stream serves two readers; this is a third."""

PAUSE_SECONDS = 0.2
EMPTY_PAGES_BORNE = 100
"""Empty pages in a row, which are normal on both services, before recovery gives way. They prove no gap: that takes a
trimmed position, a record past the range, the end of a closed shard, or a reader at the tip of an open one."""


@dataclass(frozen=True, slots=True)
class Gap:
    """Records of the range that the stream no longer holds: those after ``after`` and before ``before``.

    ``None`` stands for the range's own start or end, which is missing too then.
    """

    after: SequenceNumber | None
    before: SequenceNumber | None


@dataclass(slots=True)
class Refetched:
    """The records of the range that the stream still had, in order, and where some are missing."""

    records: list[EventRecord] = field(default_factory=list)
    gaps: list[Gap] = field(default_factory=list)
    calls: int = 0


class Refetch:
    """Reads the range of one failed batch.

    Takes as few calls as the service's page limit allows, compares sequence numbers as integers, passes over empty
    pages, takes an expired iterator anew after the last record read, and backs off where it is throttled.
    """

    def __init__(
        self,
        reader: ShardReader,
        batch: FailedBatch,
        sequence_number: Callable[[EventRecord], SequenceNumber],
        deadline: Deadline,
        pause: Callable[[float], None] = sleep,
    ) -> None:
        self._reader = reader
        self._batch = batch
        self._sequence_number = sequence_number
        self._deadline = deadline
        self._pause = pause
        self._refused = 0
        self._last: SequenceNumber | None = None
        self._trimmed_after: list[SequenceNumber | None] = []
        self._result = Refetched()

    def run(self) -> Refetched:
        """Read the range. Raises ``SourceGone``, ``OutOfTime``, or ``TransientError`` after too many refusals."""
        iterator: str | None = self._bearing_refusals(self._iterator)
        empty_pages = 0
        while iterator is not None:
            page = self._page(iterator)
            if page is None:
                iterator = self._bearing_refusals(self._iterator)
                continue
            if self._take(page) or page.at_tip:
                break
            empty_pages = 0 if page.records else empty_pages + 1
            if empty_pages > EMPTY_PAGES_BORNE:
                raise TransientError(f"{empty_pages} empty pages in a row: the rest of the range did not come")
            iterator = page.next_iterator
        self._note_missing_ends()
        return self._result

    def _iterator(self) -> str:
        """Take an iterator at the range's start, or after what has been read of it.

        An iterator relative to the stream's state could pass over records unseen, so one is only taken where the
        record to begin at is trimmed, and the place is noted.
        """
        self._result.calls += 1
        if not self._trimmed_after or self._trimmed_after[-1] != self._last:
            try:
                if self._last:
                    return self._reader.iterator(AFTER_SEQUENCE_NUMBER, self._last.text)
                return self._reader.iterator(AT_SEQUENCE_NUMBER, self._batch.start.text)
            except (RecordsExpired, SequenceNumberRefused):
                self._trimmed_after.append(self._last)
        try:
            return self._reader.iterator(TRIM_HORIZON)
        except SequenceNumberRefused as error:
            raise SourceGone(error.reason) from error

    def _page(self, iterator: str) -> Page | None:
        """Read on, or return ``None`` where a new iterator is needed."""
        single = self._batch.start == self._batch.end and not self._trimmed_after
        limit = 1 if single else self._reader.page_limit
        self._result.calls += 1
        try:
            return self._bearing_refusals(lambda: self._reader.page(iterator, limit))
        except IteratorExpired:
            return None
        except RecordsExpired:
            self._trimmed_after.append(self._last)
            return None

    def _take(self, page: Page) -> bool:
        """Keep the page's records that are in the range; tell whether the range's end has been reached."""
        for record in page.records:
            number = self._sequence_number(record)
            if number > self._batch.end:
                return True
            if number >= self._batch.start and (self._last is None or number > self._last):
                if self._last and self._trimmed_after and self._trimmed_after[-1] == self._last:
                    self._result.gaps.append(Gap(self._last, number))
                self._result.records.append(record)
                self._last = number
        return self._last is not None and self._last >= self._batch.end

    def _note_missing_ends(self) -> None:
        """Both ends of the range are records that were delivered once: where one does not come, there is a gap."""
        result = self._result
        if not result.records:
            result.gaps = [Gap(None, None)]
            return
        first, last = (self._sequence_number(result.records[index]) for index in (0, -1))
        if first != self._batch.start:
            result.gaps.insert(0, Gap(None, first))
        if last != self._batch.end:
            result.gaps.append(Gap(last, None))

    def _bearing_refusals[Answer](self, call: Callable[[], Answer]) -> Answer:
        while True:
            self._deadline.require(PAUSE_SECONDS, "refetching")
            try:
                answer = call()
            except TransientError:
                self._refused += 1
                if self._refused > REFUSALS_BORNE:
                    raise
                self._pause(random.uniform(0.5, 1) * PAUSE_SECONDS * 2**self._refused)  # noqa: S311 - spreads load only
            else:
                self._refused = 0
                return answer
