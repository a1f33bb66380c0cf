"""What became of a failed batch."""

from dataclasses import dataclass, field

from changestream.core.errors import OutOfTime, TransientError
from changestream.core.failed_batch import ParkReason
from changestream.core.sequence_number import SequenceNumber


@dataclass(frozen=True, slots=True)
class Left:
    """The rest of a range, to be recovered later: where it starts, how many records it has, and what was in the way.

    Where the range was not read to its end, ``records`` is what the message said, less what has been settled.
    """

    start: SequenceNumber
    records: int
    error: TransientError | OutOfTime


@dataclass(frozen=True, slots=True)
class NewlyParked:
    """An object in the parking lot, and why it is there."""

    key: str
    reason: ParkReason
    message: str


@dataclass(slots=True)
class RecoveryReport:
    """What became of a failed batch's ``records``: from its payload, or read from the stream in so many ``calls``.

    ``superseded`` are those of the ``applied`` that the function found overtaken; a function need not say. ``secured``
    counts the objects that were written before anything was delivered, ``parked`` holds every object that remains.
    ``hours_before_trim`` is ``None`` where no stream is needed, or nobody knows.
    """

    hours_before_trim: float | None = None
    records: int = 0
    calls: int = 0
    invocations: int = 0
    applied: int = 0
    superseded: int = 0
    secured: int = 0
    parked: list[NewlyParked] = field(default_factory=list)
    left: Left | None = None
