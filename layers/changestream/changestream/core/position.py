"""The position of a change: what orders the changes of one item that come from one source."""

from typing import NewType

Position = NewType("Position", str)
"""A number as decimal text of one fixed width, so that text order is number order.

DynamoDB compares strings byte by byte and numbers to 38 digits only; sequence numbers have up to 40
(DynamoDB Streams API, ``SequenceNumber``). As text of fixed width both kinds of position compare alike, in an
expression and in Python.
"""

WIDTH = 40


def position_of(number: int) -> Position:
    """Return the position of a sequence number, of a time in microseconds or of a document version.

    Raises ``ValueError`` where the number is negative or has more than ``WIDTH`` digits.
    """
    text = str(number).zfill(WIDTH)
    if number < 0 or len(text) > WIDTH:
        raise ValueError(f"{number} is not a position: it needs 0 to {WIDTH} digits")
    return Position(text)


ORIGIN = position_of(0)
"""Before every real change: what a backfill writes and any change supersedes."""

BACKFILL_TIME = 0
"""The time of a change that was never made: the insertion as which a backfill brings an item that stands in the table.
No stream has such a record, so that a record of this time, whatever its number, has its position at the ORIGIN."""


def supersedes(position: Position, watermark: Position | None) -> bool:
    """Tell whether a change at ``position`` may be written over a row that carries ``watermark``.

    An equal watermark is the change itself, delivered before: nothing is left to do, so it does not.
    """
    return watermark is None or position > watermark
