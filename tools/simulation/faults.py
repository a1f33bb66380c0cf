"""Everything that may go wrong in a run, and how often: drawn from its seed."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from random import Random

from simulation.memory_aws.hook import Call


class Fault(StrEnum):
    """Kinds of fault, in the words of the figures."""

    BUG = "unforeseen exception in a handler"
    CRASH_BEFORE = "crash before a call"
    CRASH_AFTER = "crash after a call, before its answer"
    TIME_OUT = "invocation timed out"
    LOST_ANSWER = "answer lost"
    SLOW = "call of seconds"
    THROTTLED = "call throttled"
    SERVER_ERROR = "call failed in the service"
    REFUSED = "call refused, while a spell of it lasts"
    CONFLICT = "transaction cancelled by a conflict"
    UNPROCESSED = "batch done in part"
    EMPTY_PAGE = "empty page of a shard"
    ITERATOR_EXPIRED = "iterator expired"
    RACE = "condition lost to another writer"
    INVOCATION_THROTTLED = "invocation throttled"
    DESTINATION_REFUSED = "failed batch refused by its destination"
    HANDED_OVER_TWICE = "failed batch handed over twice"
    READ_REFUSED = "read of a mapping refused"
    REPEATED = "change captured again"
    DELAYED = "change captured late"
    SPLIT = "shard split"
    MERGED = "shards merged"
    ROLLED = "shard of the table's stream rolled"
    TRIMMED = "record trimmed before it was read"
    DUPLICATED = "message delivered twice"
    RECEIVED_AGAIN = "message received again"
    DEAD_LETTER = "message given up by its queue, and put back by a person"
    RESTARTED = "mapping restarted at an older checkpoint"
    DISABLED = "mapping disabled for hours"
    BROKEN = "function that cannot be loaded"
    RETIRED = "idle environments done away with"
    REDRIVEN_BY_HAND = "redrive by hand, beside the schedule's"


ANYWHERE = (
    Fault.BUG,
    Fault.CRASH_BEFORE,
    Fault.CRASH_AFTER,
    Fault.TIME_OUT,
    Fault.LOST_ANSWER,
    Fault.SLOW,
    Fault.THROTTLED,
    Fault.SERVER_ERROR,
)
"""What may befall any call of a function."""

SOMEWHERE: Mapping[str, Fault] = {
    "transact_write_items": Fault.CONFLICT,
    "batch_write_item": Fault.UNPROCESSED,
    "batch_get_item": Fault.UNPROCESSED,
    "get_records": Fault.EMPTY_PAGE,
}


@dataclass(frozen=True, slots=True)
class Spell:
    """A time in which calls that ``befalls`` picks out fail."""

    fault: Fault
    ends_at: float
    befalls: Callable[[Call, str], bool]


@dataclass(frozen=True, slots=True)
class Aim:
    """A fault that befalls one kind of call of a function at a rate of its own."""

    fault: Fault
    function: str
    operation: str
    rate: float


@dataclass(frozen=True, slots=True)
class FaultPlan:
    """What a run meets beside all that its seed draws: ``stopped`` are the hours for which mappings stand still."""

    aims: Sequence[Aim] = ()
    stopped: Mapping[str, float] = field(default_factory=dict)


class Faults:
    """Draws faults until they end; counts those that took place."""

    def __init__(self, chance: Random, aims: Sequence[Aim] = ()) -> None:
        self.counts: Counter[Fault] = Counter()
        self.spells: list[Spell] = []
        self.is_over = False
        self._chance = chance
        self._aims = aims
        self.rates = {fault: _rate(chance) for fault in (*ANYWHERE, *SOMEWHERE.values(), Fault.ITERATOR_EXPIRED)}
        self.host_rates = {
            fault: _rate(chance) * 3
            for fault in (
                Fault.INVOCATION_THROTTLED,
                Fault.DESTINATION_REFUSED,
                Fault.HANDED_OVER_TWICE,
                Fault.READ_REFUSED,
                Fault.DUPLICATED,
                Fault.EMPTY_PAGE,
                Fault.ITERATOR_EXPIRED,
            )
        }
        self._kinds: dict[str, tuple[list[Fault], list[float], float]] = {}

    def of_call(self, call: Call, function: str) -> Fault | None:
        """Draw what befalls a call of a function, mostly nothing."""
        if self.is_over:
            return None
        for spell in self.spells:
            if spell.befalls(call, function):
                if spell.ends_at > call.time:
                    return spell.fault
                self.spells = [one for one in self.spells if one.ends_at > call.time]
        for aim in self._aims:
            if (aim.function, aim.operation) == (function, call.operation) and self._chance.random() < aim.rate:
                return aim.fault
        kinds, rates, total = self._kinds.get(call.operation) or self._kinds_of(call.operation)
        if self._chance.random() >= total:
            return None
        return self._chance.choices(kinds, rates)[0]

    def of_host(self, fault: Fault) -> bool:
        """Draw whether something befalls a mapping."""
        if self.is_over or self._chance.random() >= self.host_rates[fault]:
            return False
        self.counts[fault] += 1
        return True

    def _kinds_of(self, operation: str) -> tuple[list[Fault], list[float], float]:
        kinds = [*ANYWHERE, *([SOMEWHERE[operation]] if operation in SOMEWHERE else ())]
        if operation == "get_records":
            kinds.append(Fault.ITERATOR_EXPIRED)
        rates = [self.rates[kind] for kind in kinds]
        self._kinds[operation] = kinds, rates, sum(rates)
        return self._kinds[operation]


def _rate(chance: Random) -> float:
    """Half of the kinds stay away from a run, so that one does not hide what another brings about."""
    return chance.choice((0.0, 0.0, 0.002, 0.01, 0.03)) * chance.uniform(0.5, 1.5)
