"""The original records of a failed batch, read again from its shard: the whole range and not one record more."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from changestream.core.errors import RecordsExpired, SourceGone, TransientError
from changestream.core.failed_batch import EventRecord, FailedBatch
from changestream.core.sequence_number import SequenceNumber
from changestream.recovery.shard_pace import REFUSALS_BORNE, ShardPace
from changestream.recovery.shard_reader import (
    AFTER_SEQUENCE_NUMBER,
    AT_SEQUENCE_NUMBER,
    TRIM_HORIZON,
    ExpiredIterator,
    FetchedPage,
    SequenceNumberRefused,
    ShardReader,
)
from changestream.wire.lambda_event import arrival

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
        pace: ShardPace,
        is_past: Callable[[], bool] = lambda: False,
    ) -> None:
        self._reader = reader
        self._batch = batch
        self._sequence_number = sequence_number
        self._pace = pace
        self._is_past = is_past
        self._last: SequenceNumber | None = None
        self._last_arrived = 0.0
        self._trimmed_after: list[SequenceNumber | None] = []
        self._in_doubt = False
        self._renewals = 0
        self.calls = 0

    def stretches(self) -> Iterator[Stretch]:
        """Read the range, and on once what came has been seen to: no more than one answer is held here.

        Both ends of the range are records that were delivered once: where one does not come, there is a gap. Raises
        ``SourceGone``, ``OutOfTime``, or ``TransientError`` after too many refusals.
        """
        iterator: str | None = self._renewed()
        empty_pages = 0
        while iterator is not None:
            page = self._page(iterator)
            if page is None:
                iterator = self._renewed()
                continue
            reached, iterator, at_tip = self._ends(page), page.next_iterator, page.at_tip
            empty_pages = 0 if page.records else empty_pages + 1
            stretch = self._stretch(page)
            del page
            if stretch:
                yield stretch
            progressed = stretch is not None
            del stretch
            silent = empty_pages > EMPTY_PAGES_BORNE
            if reached:
                break
            if (silent or at_tip or iterator is None) and self._may_try_the_oldest():
                iterator, empty_pages = self._renewed(), 0
            elif at_tip or (silent and self._is_past()):
                break
            elif silent:
                raise TransientError(f"{empty_pages} empty pages in a row: the rest of the range did not come")
            elif iterator and self._last and self._reader.may_pass_over(self._last_arrived):
                self._in_doubt = True
                iterator = self._renewed(AT_SEQUENCE_NUMBER) if progressed else iterator
        if self._last is None or self._last < self._batch.end:
            yield Stretch((), [Gap(self._last, None)])

    def _may_try_the_oldest(self) -> bool:
        """Tell whether nothing of the range came, and only its own start was tried; note that the start is trimmed.

        AWS does not document what Kinesis does with a sequence number that it has trimmed. If reading from there finds
        nothing, reading from the oldest record decides.
        """
        if self._last or self._trimmed_after:
            return False
        self._note_trimmed()
        return True

    def _note_trimmed(self) -> None:
        """Note that the record to begin at is trimmed: whether others behind it are, the next that comes tells."""
        self._trimmed_after.append(self._last)
        self._in_doubt = True

    @property
    def _is_at_oldest(self) -> bool:
        """Whether reading goes on from the oldest record, because the record to begin at is trimmed."""
        return bool(self._trimmed_after) and self._trimmed_after[-1] == self._last

    def _renewed(self, behind_last: str = AFTER_SEQUENCE_NUMBER) -> str:
        """Take an iterator. Raises ``TransientError`` if one iterator after the other could not be read with.

        With ``AT_SEQUENCE_NUMBER`` the last record read comes once more, as long as the stream has it. If it does, no
        record between it and the next was trimmed.
        """
        self._renewals += 1
        if self._renewals > REFUSALS_BORNE + 1:
            raise TransientError(f"{self._renewals - 1} iterators in a row were refused or had expired")
        return self._pace.bearing_refusals(lambda: self._iterator(behind_last))

    def _iterator(self, behind_last: str) -> str:
        """Take an iterator at the range's start, or after what has been read of it.

        An iterator relative to the stream's state could pass over records unseen, so one is only taken where the
        record to begin at is trimmed, and the place is noted.
        """
        self.calls += 1
        if not self._is_at_oldest:
            try:
                if self._last:
                    return self._reader.iterator(behind_last, self._last.text)
                return self._reader.iterator(AT_SEQUENCE_NUMBER, self._batch.start.text)
            except (RecordsExpired, SequenceNumberRefused, SourceGone):
                self._note_trimmed()
        try:
            return self._reader.iterator(TRIM_HORIZON)
        except SequenceNumberRefused as error:
            raise SourceGone(error.reason) from error
        except RecordsExpired as error:  # trimmed between the service's own look and its answer
            raise TransientError(error.reason) from error

    def _page(self, iterator: str) -> FetchedPage | None:
        """Read on, or return ``None`` where a new iterator is needed."""
        single = self._batch.start == self._batch.end and not self._trimmed_after
        limit = 1 if single else self._reader.page_limit
        self.calls += 1
        try:
            page = self._pace.read(lambda: self._reader.page(iterator, limit))
        except ExpiredIterator:
            return None
        except (RecordsExpired, SequenceNumberRefused, SourceGone) as error:
            if self._is_at_oldest and isinstance(error, SourceGone):
                raise
            self._note_trimmed()
            return None
        self._renewals = 0
        return page

    def _ends(self, page: FetchedPage) -> bool:
        """Tell whether the page reaches the range's end, or goes beyond it."""
        return bool(page.records) and self._sequence_number(page.records[-1]) >= self._batch.end

    def _stretch(self, page: FetchedPage) -> Stretch | None:
        """Return the page's records that are in the range and have not been read before, if there are any."""
        records: list[EventRecord] = []
        gaps: list[Gap] = []
        for record in page.records:
            number = self._sequence_number(record)
            if self._last and number == self._last:
                self._in_doubt = False  # it was still there, and so is everything behind it
            if not self._batch.within(number) or (self._last and number <= self._last):
                continue
            if self._in_doubt if self._last else number > self._batch.start:
                gaps.append(Gap(self._last, number))
            records.append(record)
            self._last, self._last_arrived, self._in_doubt = number, arrival(record), False
        return Stretch(records, gaps) if records else None
