"""Bringing refetched records back to the function that failed on them, one decision after another.

The records go in pieces; the answer to each piece says what the next one is. A record that keeps failing is set aside
and the rest goes on after it; a piece that crashes the function is halved until the record that does it stands alone.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from changestream.core.batch import LONGEST_REASON, FailureKind
from changestream.core.errors import FunctionGone, OutOfTime, TransientError
from changestream.core.failed_batch import EventRecord, Parked, ParkReason
from changestream.core.quoting import shortened
from changestream.core.sequence_number import SequenceNumber

CRASH_ATTEMPTS = 3
"""Deliveries of a single record that crashes before it is parked: a worker may die for reasons of its own."""

UNEXPLAINED_FAILURES = 3
"""Records that fail without an explanation, and none is processed, before a dependency is suspected to be down."""


@dataclass(frozen=True, slots=True)
class Applied:
    """The function answered that every record of the piece is done, ``superseded`` of them by what the view has."""

    superseded: int = 0


@dataclass(frozen=True, slots=True)
class Refused:
    """The function reported records, by their ``indexes`` in ascending order; all before the first are done.

    ``kind`` is None if it did not say why. A long reason is cut, and control characters in it are escaped.
    """

    indexes: Sequence[int]
    kind: FailureKind | None
    reason: str
    superseded: int = 0

    def __post_init__(self) -> None:
        object.__setattr__(self, "reason", shortened(self.reason, LONGEST_REASON))


@dataclass(frozen=True, slots=True)
class Crashed:
    """The invocation failed as a whole, so nothing is known to be done.

    A long reason is cut, and control characters in it are escaped.
    """

    reason: str

    def __post_init__(self) -> None:
        object.__setattr__(self, "reason", shortened(self.reason, LONGEST_REASON))


Answer = Applied | Refused | Crashed
Piece = Sequence[EventRecord]
Deliver = Callable[[Piece], Answer]


@dataclass(slots=True)
class Redelivery:
    """How far a redelivery came: ``interrupted`` says why it stopped before ``rest`` was delivered.

    ``rest_pieces`` are the same records, cut as they were about to be delivered. ``superseded`` of the records that are
    ``applied`` were found overtaken when the function first answered for them: delivered again after a failure beside
    it, a record would be overtaken by itself.
    """

    applied: int = 0
    superseded: int = 0
    invocations: int = 0
    parked: list[Parked] = field(default_factory=list)
    rest_pieces: list[Piece] = field(default_factory=list)
    interrupted: TransientError | OutOfTime | FunctionGone | None = None

    @property
    def rest(self) -> list[EventRecord]:
        """The records that were not delivered, in order."""
        return [record for piece in self.rest_pieces for record in piece]

    @property
    def is_stuck(self) -> bool:
        """Whether time ran out after invocations that settled no record: another try would meet the same."""
        nothing_settled = not (self.applied or self.parked)
        return isinstance(self.interrupted, OutOfTime) and self.invocations > 0 and nothing_settled


def redeliver(
    pieces: Sequence[Piece],
    deliver: Deliver,
    sequence_number: Callable[[EventRecord], SequenceNumber],
    *,
    isolate: bool,
) -> Redelivery:
    """Deliver the pieces in order until every record is applied, parked or left in ``rest``.

    If the function fails on the first records without an explanation, its dependency may be down: unless ``isolate``,
    all records are then left for later, with a ``TransientError``. ``deliver`` raises ``TransientError`` or
    ``OutOfTime`` where going on makes no sense for now, and ``FunctionGone`` where it never will; the records not done
    by then are in ``rest``, in order.
    """
    run = _Run(deliver, sequence_number, [_Waiting(piece) for piece in reversed(pieces)])
    while run.stack:
        waiting = run.stack.pop()
        try:
            run.take(waiting, run.send(waiting.piece))
            if not isolate and run.fails_on_everything:
                return _left_for_later(run.result, pieces)
        except (TransientError, OutOfTime, FunctionGone) as error:
            run.stop(waiting.piece, error)
    return run.result


def _left_for_later(result: Redelivery, pieces: Sequence[Piece]) -> Redelivery:
    error = TransientError(f"the function fails on every record: {result.parked[0].message}")
    return Redelivery(invocations=result.invocations, rest_pieces=list(pieces), interrupted=error)


@dataclass(frozen=True, slots=True)
class _Waiting:
    """A piece still to deliver, with the crashes it has had as it stands, and whether it has been answered for."""

    piece: Piece
    crashes: int = 0
    answered: bool = False


@dataclass(slots=True)
class _Run:
    """The pieces still to deliver, the next one last."""

    deliver: Deliver
    sequence_number: Callable[[EventRecord], SequenceNumber]
    stack: list[_Waiting]
    result: Redelivery = field(default_factory=Redelivery)

    unexplained: int = 0
    """Records that failed without an explanation."""

    @property
    def fails_on_everything(self) -> bool:
        """Whether the function has failed on several records, explained none of it, and processed none."""
        parked = len(self.result.parked)
        return not self.result.applied and parked == self.unexplained >= UNEXPLAINED_FAILURES

    def send(self, piece: Piece) -> Answer:
        answer = self.deliver(piece)
        self.result.invocations += 1
        return answer

    def take(self, waiting: _Waiting, answer: Answer) -> None:
        match answer:
            case Applied(superseded):
                self._count(waiting, len(waiting.piece), superseded)
            case Crashed(reason):
                self._take_crash(waiting, reason)
            case Refused(indexes, kind, reason, superseded):
                self._count(waiting, indexes[0], superseded)
                self._take_refusal(waiting.piece, indexes, kind, reason)

    def _count(self, waiting: _Waiting, applied: int, superseded: int) -> None:
        self.result.applied += applied
        self.result.superseded += 0 if waiting.answered else min(applied, superseded)

    def stop(self, piece: Piece, error: TransientError | OutOfTime | FunctionGone) -> None:
        self.result.interrupted = error
        self.result.rest_pieces = [piece, *(later.piece for later in reversed(self.stack))]
        self.stack.clear()

    def _take_crash(self, waiting: _Waiting, reason: str) -> None:
        piece, crashes = waiting.piece, waiting.crashes + 1
        if len(piece) > 1:
            middle = len(piece) // 2
            self.stack += [replace(waiting, piece=half, crashes=0) for half in (piece[middle:], piece[:middle])]
        elif crashes < CRASH_ATTEMPTS:
            self.stack.append(replace(waiting, crashes=crashes))
        else:
            self.unexplained += 1
            self._park(piece[0], ParkReason.CRASH, reason, crashes)

    def _take_refusal(self, piece: Piece, indexes: Sequence[int], kind: FailureKind | None, reason: str) -> None:
        rest, progressed = piece[indexes[0] :], indexes[0] > 0
        if kind is FailureKind.UNAVAILABLE:
            raise_with = TransientError(f"the function reported: {reason}")
            self.stop(rest, raise_with)
        elif kind is FailureKind.OUT_OF_TIME and (progressed or len(rest) > 1):
            middle = len(rest) if progressed else len(rest) // 2
            self.stack += [_Waiting(half, answered=True) for half in (rest[middle:], rest[:middle]) if half]
        elif kind is FailureKind.OUT_OF_TIME:
            self.stop(rest, TransientError(f"one record alone ran out of time: {reason}"))
        else:
            why = ParkReason.POISON if kind is FailureKind.POISON else ParkReason.CRASH
            self.unexplained += len(indexes) if kind is None else 0
            for index in indexes:
                self._park(piece[index], why, reason, 1)
            others = [piece[index] for index in range(indexes[0], len(piece)) if index not in set(indexes)]
            if others:
                self.stack.append(_Waiting(others, answered=True))

    def _park(self, record: EventRecord, reason: ParkReason, message: str, attempts: int) -> None:
        number = self.sequence_number(record)
        self.result.parked.append(Parked(reason, message, attempts, number, number, (record,)))
