"""A tumbling window of one shard, and what a function has gathered in it so far."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from changestream.core.observation_set import Observations, unite
from changestream.core.sequence_number import SequenceNumber


@dataclass(frozen=True, slots=True)
class Window:
    """The window that an invocation belongs to; ``start`` and ``end`` are in epoch seconds."""

    start: float
    end: float
    shard_id: str
    stream_arn: str
    is_final: bool
    is_terminated_early: bool

    @property
    def ends(self) -> bool:
        """Whether its state ends with this invocation: where Lambda says "early" the next one has a fresh state."""
        return self.is_final or self.is_terminated_early


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of a shard: the first and last of its records, how many there are, and when those two arrived."""

    start: SequenceNumber
    end: SequenceNumber
    records: int
    first_arrival: float
    last_arrival: float

    def joined(self, other: "Span") -> "Span":
        """Return the shortest stretch that holds both; records that Lambda delivers again may come out of order."""
        return Span(
            min(self.start, other.start),
            max(self.end, other.end),
            self.records + other.records,
            min(self.first_arrival, other.first_arrival),
            max(self.last_arrival, other.last_arrival),
        )


@dataclass(slots=True)
class Gathered:
    """The changes of one group in the window, each once, and how many records repeated one of them."""

    observations: Observations = field(default_factory=dict)
    repeated: int = 0

    def gather(self, observations: Iterable[bytes]) -> None:
        """Unite the observations of some more records with those that are here."""
        packed = list(observations)
        before = len(self.observations)
        unite(packed, self.observations)
        self.repeated += len(packed) - (len(self.observations) - before)


@dataclass(frozen=True, slots=True)
class Gathering:
    """Everything gathered in a window: by group, and the stretch of the shard that it came from."""

    groups: Mapping[str, Gathered]
    span: Span
