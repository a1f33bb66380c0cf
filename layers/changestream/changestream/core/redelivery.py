"""Bringing refetched records back to the function that failed on them, one decision after another.

The records go in pieces; the answer to each piece says what the next one is. A record that keeps failing is set aside
and the rest goes on after it; a piece that crashes the function is halved until the record that does it stands alone.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from changestream.core.batch import FailureKind
from changestream.core.errors import FunctionGone, OutOfTime, TransientError
from changestream.core.failed_batch import EventRecord, Parked, ParkReason
from changestream.core.sequence_number import SequenceNumber

CRASH_ATTEMPTS = 3
"""Deliveries of a single record that crashes before it is parked: a worker may die for reasons of its own."""


@dataclass(frozen=True, slots=True)
class Applied:
    """The function answered that every record of the piece is done."""


@dataclass(frozen=True, slots=True)
class Refused:
    """The function reported a record; all before it are done. ``kind`` is ``None`` if it did not say why."""

    index: int
    kind: FailureKind | None
    reason: str


@dataclass(frozen=True, slots=True)
class Crashed:
    """The invocation failed as a whole, so nothing is known to be done."""

    reason: str


Answer = Applied | Refused | Crashed
Piece = Sequence[EventRecord]
Deliver = Callable[[Piece], Answer]


@dataclass(slots=True)
class Redelivery:
    """How far a redelivery came: ``interrupted`` says why it stopped before ``rest`` was delivered."""

    applied: int = 0
    invocations: int = 0
    parked: list[Parked] = field(default_factory=list)
    rest: list[EventRecord] = field(default_factory=list)
    interrupted: TransientError | OutOfTime | FunctionGone | None = None


def redeliver(
    pieces: Sequence[Piece], deliver: Deliver, sequence_number: Callable[[EventRecord], SequenceNumber]
) -> Redelivery:
    """Deliver the pieces in order until every record is applied, parked or left in ``rest``.

    ``deliver`` raises ``TransientError`` or ``OutOfTime`` where going on makes no sense for now, and ``FunctionGone``
    where it never will; the records not done by then are in ``rest``, in order.
    """
    run = _Run(deliver, sequence_number, [(piece, 0) for piece in reversed(pieces)])
    while run.stack:
        piece, attempts = run.stack.pop()
        try:
            run.take(piece, attempts, run.send(piece))
        except (TransientError, OutOfTime, FunctionGone) as error:
            run.stop(piece, error)
    return run.result


@dataclass(slots=True)
class _Run:
    """The pieces still to deliver, the next one last, each with the crashes it has had as it stands."""

    deliver: Deliver
    sequence_number: Callable[[EventRecord], SequenceNumber]
    stack: list[tuple[Piece, int]]
    result: Redelivery = field(default_factory=Redelivery)

    def send(self, piece: Piece) -> Answer:
        self.result.invocations += 1
        return self.deliver(piece)

    def take(self, piece: Piece, crashes: int, answer: Answer) -> None:
        match answer:
            case Applied():
                self.result.applied += len(piece)
            case Crashed(reason):
                self._take_crash(piece, crashes + 1, reason)
            case Refused(index, kind, reason):
                self.result.applied += index
                self._take_refusal(piece[index:], kind, reason, progressed=index > 0)

    def stop(self, piece: Piece, error: TransientError | OutOfTime | FunctionGone) -> None:
        self.result.interrupted = error
        self.result.rest = [*piece, *(record for later, _ in reversed(self.stack) for record in later)]
        self.stack.clear()

    def _take_crash(self, piece: Piece, crashes: int, reason: str) -> None:
        if len(piece) > 1:
            middle = len(piece) // 2
            self.stack += [(piece[middle:], 0), (piece[:middle], 0)]
        elif crashes < CRASH_ATTEMPTS:
            self.stack.append((piece, crashes))
        else:
            self._park(piece[0], ParkReason.CRASH, reason, crashes)

    def _take_refusal(self, rest: Piece, kind: FailureKind | None, reason: str, *, progressed: bool) -> None:
        if kind is FailureKind.UNAVAILABLE:
            raise_with = TransientError(f"the function reported: {reason}")
            self.stop(rest, raise_with)
        elif kind is FailureKind.OUT_OF_TIME and (progressed or len(rest) > 1):
            middle = len(rest) if progressed else len(rest) // 2
            self.stack += [(half, 0) for half in (rest[middle:], rest[:middle]) if half]
        elif kind is FailureKind.OUT_OF_TIME:
            self.stop(rest, TransientError(f"one record alone ran out of time: {reason}"))
        else:
            self._park(rest[0], ParkReason.POISON, reason, 1)
            if len(rest) > 1:
                self.stack.append((rest[1:], 0))

    def _park(self, record: EventRecord, reason: ParkReason, message: str, attempts: int) -> None:
        number = self.sequence_number(record)
        self.result.parked.append(Parked(reason, message, attempts, number, number, (record,)))
