"""The original records of a failed batch, read again from its shard: the whole range and not one record more."""

import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
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
from changestream.wire.lambda_event import arrival

REFUSALS_BORNE = 5
"""Refused reads in a row before recovery gives way. A table's stream serves two readers; this is a third."""

PAUSE_SECONDS = 0.2
EMPTY_PAGES_BORNE = 100
"""Empty pages in a row, which are normal on both services, before recovery gives way. They prove no gap: that takes a
trimmed position, a record past the range, the end of a closed shard, a reader at the tip of an open one, or a range
whose time is over."""


@dataclass(frozen=True, slots=True)
class Gap:
    """Records of the range that the stream no longer holds: those after ``after`` and before ``before``.

    ``None`` stands for the range's own start or end, which is missing too then.
    """

    after: SequenceNumber | None
    before: SequenceNumber | None


@dataclass(frozen=True, slots=True)
class Stretch:
    """Records of the range that came in one answer, in order, and the gaps known by then: none lies behind them."""

    records: Sequence[EventRecord]
    gaps: Sequence[Gap] = ()


class Refetch:
    """Reads the range of one failed batch, an answer at a time: a range may be larger than the memory.

    Takes as few calls as the service's page limit allows, compares sequence numbers as integers, passes over empty
    pages, takes an expired iterator anew after the last record read, and backs off where it is throttled. ``calls``
    counts the answers that were waited for, refusals among them. ``is_past`` tells whether the stream need not have any
    of the range any more.
    """

    def __init__(
        self,
        reader: ShardReader,
        batch: FailedBatch,
        sequence_number: Callable[[EventRecord], SequenceNumber],
        deadline: Deadline,
        pause: Callable[[float], None] = sleep,
        is_past: Callable[[], bool] = lambda: False,
    ) -> None:
        self._reader = reader
        self._batch = batch
        self._sequence_number = sequence_number
        self._deadline = deadline
        self._pause = pause
        self._is_past = is_past
        self._refused = 0
        self._last: SequenceNumber | None = None
        self._last_arrived = 0.0
        self._trimmed_after: list[SequenceNumber | None] = []
        self.calls = 0

    def stretches(self) -> Iterator[Stretch]:
        """Read the range, and on once what came has been seen to: no more than one answer is held here.

        Both ends of the range are records that were delivered once: where one does not come, there is a gap. Raises
        ``SourceGone``, ``OutOfTime``, or ``TransientError`` after too many refusals.
        """
        iterator: str | None = self._bearing_refusals(self._iterator)
        empty_pages = 0
        while iterator is not None:
            page = self._page(iterator)
            if page is None:
                iterator = self._bearing_refusals(self._iterator)
                continue
            ended, iterator = self._ends(page) or page.at_tip, page.next_iterator
            empty_pages = 0 if page.records else empty_pages + 1
            stretch = self._stretch(page)
            del page
            if stretch:
                yield stretch
            del stretch
            if ended:
                break
            if empty_pages > EMPTY_PAGES_BORNE and self._is_past():
                break
            if empty_pages > EMPTY_PAGES_BORNE:
                raise TransientError(f"{empty_pages} empty pages in a row: the rest of the range did not come")
        if self._last is None or self._last < self._batch.end:
            yield Stretch((), [Gap(self._last, None)])

    def _iterator(self) -> str:
        """Take an iterator at the range's start, or after what has been read of it.

        An iterator relative to the stream's state could pass over records unseen, so one is only taken where the
        record to begin at is trimmed, and the place is noted.
        """
        self.calls += 1
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
        self.calls += 1
        try:
            return self._bearing_refusals(lambda: self._reader.page(iterator, limit))
        except IteratorExpired:
            return None
        except RecordsExpired:
            self._trimmed_after.append(self._last)
            return None

    def _ends(self, page: Page) -> bool:
        """Tell whether the page reaches the range's end, or goes beyond it."""
        return bool(page.records) and self._sequence_number(page.records[-1]) >= self._batch.end

    def _stretch(self, page: Page) -> Stretch | None:
        """Return the page's records that are in the range and have not been read before, if there are any."""
        records: list[EventRecord] = []
        gaps: list[Gap] = []
        if self._last and self._reader.may_pass_over(self._last_arrived):
            self._trimmed_after.append(self._last)
        for record in page.records:
            number = self._sequence_number(record)
            if not self._batch.within(number) or (self._last and number <= self._last):
                continue
            trimmed = bool(self._trimmed_after) and self._trimmed_after[-1] == self._last
            if trimmed if self._last else number > self._batch.start:
                gaps.append(Gap(self._last, number))
            records.append(record)
            self._last, self._last_arrived = number, arrival(record)
        return Stretch(records, gaps) if records else None

    def _bearing_refusals[Answer](self, call: Callable[[], Answer]) -> Answer:
        while True:
            self._deadline.require(PAUSE_SECONDS, "refetching")
            try:
                answer = call()
            except TransientError:
                self._refused += 1
                if self._refused > REFUSALS_BORNE:
                    raise
                pause = random.uniform(0.5, 1) * PAUSE_SECONDS * 2**self._refused  # noqa: S311 - spreads load only
                self._deadline.require(pause, "backing off")
                self._pause(pause)
            else:
                self._refused = 0
                return answer
