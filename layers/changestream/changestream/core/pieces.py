"""Cutting a range of records into what one invocation takes."""

from collections.abc import Callable, Iterable

from changestream.core.failed_batch import EventRecord

PAYLOAD_LIMIT_BYTES = 6 * 1024 * 1024
"""Of a synchronous invocation (Lambda quotas)."""

ENVELOPE_BYTES = 64
"""``{"Records":[]}`` and some room."""

PAYLOAD_ROOM_BYTES = PAYLOAD_LIMIT_BYTES - ENVELOPE_BYTES


def pieces(
    records: Iterable[EventRecord], size_of: Callable[[EventRecord], int], count_limit: int
) -> tuple[list[list[EventRecord]], list[EventRecord]]:
    """Return (pieces in order, records too large for any piece).

    A piece is contiguous, holds at most ``count_limit`` records and fits one payload; ``size_of`` is a record's size in
    bytes within it, its separator included.
    """
    fitting: list[list[EventRecord]] = []
    over_large: list[EventRecord] = []
    room = 0
    for record in records:
        size = size_of(record)
        if size > PAYLOAD_ROOM_BYTES:
            over_large.append(record)
            room = 0  # what comes after it is no neighbour of what came before
            continue
        if not fitting or size > room or len(fitting[-1]) >= count_limit:
            fitting.append([])
            room = PAYLOAD_ROOM_BYTES
        fitting[-1].append(record)
        room -= size
    return fitting, over_large
