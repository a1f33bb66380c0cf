"""Which of the records that could not be brought back are parked together: neighbours that failed for one reason."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace

from changestream.core.failed_batch import EventRecord, Parked
from changestream.core.pieces import PAYLOAD_ROOM_BYTES
from changestream.core.sequence_number import SequenceNumber


def runs(
    parked: Iterable[Parked],
    stretch: Sequence[EventRecord],
    sequence_number: Callable[[EventRecord], SequenceNumber],
    size_of: Callable[[EventRecord], int],
    count_limit: int,
) -> Iterator[Parked]:
    """Yield what is parked of a stretch of a shard in order, neighbours joined.

    A run has one reason, told in the same words, so that what is said of it is true of each of its records; it has at
    most ``count_limit`` records and fits one payload, so that it can be delivered again as it is.
    """
    place = {sequence_number(record): index for index, record in enumerate(stretch)}
    run: Parked | None = None
    room = 0
    for one in sorted(parked, key=lambda one: one.start):
        size = sum(map(size_of, one.records))
        if (
            run
            and (run.reason, run.message) == (one.reason, one.message)
            and place[one.start] == place[run.end] + 1
            and len(run.records) + len(one.records) <= count_limit
            and size <= room
        ):
            attempts = max(run.attempts, one.attempts)
            run = replace(run, end=one.end, records=(*run.records, *one.records), attempts=attempts)
            room -= size
            continue
        if run:
            yield run
        run, room = one, PAYLOAD_ROOM_BYTES - size
    if run:
        yield run
