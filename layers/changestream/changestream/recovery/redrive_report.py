"""What a run of redrive found and did."""

from dataclasses import dataclass, field

from changestream.core.redrive import Standing


@dataclass(slots=True)
class RedriveReport:
    """What a run found and did: objects by where they stood, records applied, and what was left as it was.

    ``superseded`` are those of the ``applied`` that their function found overtaken. ``settled`` counts the objects that
    were delivered, in so many ``invocations``; ``remaining`` are those left of them, by key, with the reason they are
    parked for now. Of these, ``kept`` still fail, for what it says; ``unreadable`` are the objects that are none of
    ours. ``unseen`` is true if time ran out before every key was looked at.
    """

    standings: dict[Standing, int] = field(default_factory=lambda: dict.fromkeys(Standing, 0))
    applied: int = 0
    superseded: int = 0
    invocations: int = 0
    settled: int = 0
    remaining: dict[str, str] = field(default_factory=dict)
    kept: dict[str, str] = field(default_factory=dict)
    unreadable: dict[str, str] = field(default_factory=dict)
    unseen: bool = False

    @property
    def still_parked(self) -> int:
        """Objects that are there after the run, among those that it came to."""
        return sum(self.standings.values()) - self.settled + len(self.remaining) + len(self.unreadable)

    def add(self, other: "RedriveReport") -> None:
        """Add what became of further objects."""
        for standing, objects in other.standings.items():
            self.standings[standing] += objects
        self.applied += other.applied
        self.superseded += other.superseded
        self.invocations += other.invocations
        self.settled += other.settled
        self.remaining |= other.remaining
        self.kept |= other.kept
        self.unreadable |= other.unreadable
        self.unseen = self.unseen or other.unseen
