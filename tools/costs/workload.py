"""What is given: the changes that come, and what is chosen."""

from dataclasses import dataclass, field
from enum import StrEnum


class FanOut(StrEnum):
    """How the consumer of the search index reads: sharing the shards' throughput, or with one of its own."""

    SHARED = "shared"
    ENHANCED = "enhanced"


@dataclass(frozen=True, slots=True)
class Mix:
    """The shares of the kinds of changes, which come to one."""

    insertions: float = 0.25
    modifications: float = 0.50
    deletions: float = 0.15
    expiries: float = 0.10
    status_changes: float = 0.60
    """Of the modifications."""

    @property
    def transitions(self) -> float:
        """The share of changes that are announced: new tasks, and those that go to another status."""
        return self.insertions + self.modifications * self.status_changes

    @property
    def moving_totals(self) -> float:
        """The share of changes after which the totals of a list are others."""
        return self.insertions + self.deletions + self.expiries + self.modifications * self.status_changes

    @property
    def images(self) -> float:
        """Of an average change, of the two."""
        return 1 + self.modifications


@dataclass(frozen=True, slots=True)
class Workload:
    """Changes of tasks, evenly over lists, but for the share that falls on a few hot tasks."""

    changes_per_second: float
    item_bytes: int = 300
    lists: int = 1_000
    hot: float = 0.0
    hot_tasks: int = 10
    busiest_list: float | None = None
    """The share of all changes that one list has; as every other, if nothing is said."""
    revisions_per_second: float | None = None
    """Of the ledger; a tenth of the changes, if nothing is said."""
    revisions_per_record: int = 50
    mix: Mix = field(default_factory=Mix)

    @property
    def revisions(self) -> float:
        return self.changes_per_second / 10 if self.revisions_per_second is None else self.revisions_per_second

    @property
    def share_of_busiest_list(self) -> float:
        return 1 / self.lists if self.busiest_list is None else self.busiest_list


@dataclass(frozen=True, slots=True)
class Choices:
    """What differs from the template; ``None`` is what the template says."""

    window: float | None = None
    batch_size: int | None = None
    factor: int | None = None
    memory: int | None = None
    retention_hours: int | None = None
    fan_out: FanOut = FanOut.SHARED
    traced: bool = True
