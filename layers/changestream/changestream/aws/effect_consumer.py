"""Consuming a batch into effects outside: in order, one by one, and nothing past the first that fails."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum, auto
from functools import partial

from changestream.aws.concurrency import NotDone, attempt
from changestream.core.batch import BatchOutcome, Failure, crashed
from changestream.core.change import Change
from changestream.core.deadline import Deadline
from changestream.core.errors import ChangestreamError, PoisonRecord
from changestream.wire.batch import DecodedBatch

LEAST_SECONDS = 1.0
"""What an effect is begun with at the least; its calls take some tens of milliseconds where nothing is amiss."""


@dataclass(frozen=True, slots=True)
class Effect[Value]:
    """What a consumer brings about outside.

    ``interpret`` returns what a change asks for, ``None`` for nothing, and raises ``PoisonRecord`` where it cannot
    tell. ``carry_out`` does it and returns whether it had not been done before; ``is_overtaken`` tells whether a change
    that is poison has been put right since, and asks for nothing any more. Both raise what ``core.errors`` names.
    """

    interpret: Callable[[Change], Value | None]
    carry_out: Callable[[Change, Value], bool]
    is_overtaken: Callable[[Change], bool]


class _Ending(Enum):
    APPLIED = auto()
    SUPERSEDED = auto()
    PASSED_OVER = auto()


class EffectConsumer[Value]:
    """Carries out the effects of a shard's changes in the order of its records."""

    def __init__(self, effect: Effect[Value]) -> None:
        self._effect = effect

    def consume(self, batch: DecodedBatch, deadline: Deadline) -> BatchOutcome:
        """Work through a batch up to its first failure, poison included; say how every record until there ended.

        What comes after a failure is left alone: Lambda delivers it again, and an effect cannot be written over.
        """
        failure = min(batch.failures, key=_number, default=None)
        endings = {_Ending.SUPERSEDED: 0, _Ending.PASSED_OVER: batch.passed_over, _Ending.APPLIED: 0}
        for change in sorted(batch.changes, key=_number):
            if failure and _number(change) > _number(failure):
                break
            try:
                ending = attempt(partial(self._apply, change, deadline))
            except ChangestreamError:
                raise
            except Exception as bug:  # the per-record boundary: what came before the crash is done
                failure = crashed(change.sequence_number, bug)
                break
            if isinstance(ending, NotDone):
                failure = Failure(change.sequence_number, ending.kind, ending.reason)
                break
            endings[ending.result] += 1
        return BatchOutcome(
            batch.records, endings[_Ending.SUPERSEDED], endings[_Ending.PASSED_OVER], [failure] if failure else []
        )

    def _apply(self, change: Change, deadline: Deadline) -> _Ending:
        try:
            value = self._effect.interpret(change)
        except PoisonRecord:
            if self._effect.is_overtaken(change):
                return _Ending.SUPERSEDED
            raise
        if value is None:
            return _Ending.PASSED_OVER
        deadline.require(LEAST_SECONDS, "the next effect")
        return _Ending.APPLIED if self._effect.carry_out(change, value) else _Ending.SUPERSEDED


def _number(record: Change | Failure) -> int:
    return int(record.sequence_number)
