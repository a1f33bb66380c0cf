"""BatchSize and the payload limit: how many waiting records make the next batch."""

from collections.abc import Callable, Iterable
from itertools import islice

from event_source_mapping.formats import Record, exact_bytes

# Lambda's limit for a synchronous request is 6 MB (developer guide, gettingstarted-limits), the event's own
# frame included.
PAYLOAD_LIMIT = 6 * 1024 * 1024
_FRAME = 1_024


def fill(
    waiting: Iterable[Record],
    batch_size: int,
    most_bytes: Callable[[Record], int],
    limit: int = PAYLOAD_LIMIT,
) -> tuple[list[Record], bool]:
    """The records of the next batch, and whether it is full: no record that may yet come could join it.

    Sizes are measured only where a cheap upper bound comes near the limit. A record too big for any request
    makes a batch of its own, for the function's service to refuse.
    """
    batch = list(islice(waiting, batch_size))
    room = limit - _FRAME
    if sum(map(most_bytes, batch)) <= room:
        return batch, len(batch) >= batch_size
    for count, record in enumerate(batch):
        room -= exact_bytes(record) + 1
        if room < 0:
            return batch[: max(count, 1)], True
    return batch, len(batch) >= batch_size
