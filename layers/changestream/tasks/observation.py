"""What a measure keeps of a change of a task, and how it is packed for a set of observations."""

from dataclasses import dataclass
from enum import IntEnum

from changestream.core.observation_set import IDENTITY_WIDTH, WIDTH

TASK_WIDTH, DURATION_WIDTH = 6, 5
LONGEST: int = 2 ** (8 * DURATION_WIDTH) - 1
"""Milliseconds, 34 years: a task that took longer is taken to have taken that long."""

_LATE = 0x80
"""The highest bit of the flags: of two observations of one change the punctual one is the lesser, and stays."""


class MeasuredKind(IntEnum):
    """What happened to the task, and for a removal who did it."""

    INSERTED = 0
    MODIFIED = 1
    REMOVED = 2
    EXPIRED = 3


class Completion(IntEnum):
    """Whether the change made the task done, and what is known of the time that it had been open."""

    NONE = 0
    TIMED = 1
    BACKWARDS = 2
    UNTIMED = 3


@dataclass(frozen=True, slots=True)
class Observation:
    """A change as measured.

    ``identity`` is the same for a repeat and another for any other change; ``task`` stands for the task, both being
    digests. ``milliseconds`` is how long the task had been open, and 0 unless ``completion`` is timed.
    """

    identity: bytes
    task: bytes
    kind: MeasuredKind
    completion: Completion
    milliseconds: int
    late: bool

    def packed(self) -> bytes:
        """Return it as ``WIDTH`` bytes."""
        flags: int = self.kind | self.completion << 2 | (_LATE if self.late else 0)
        duration = min(self.milliseconds, LONGEST).to_bytes(DURATION_WIDTH)
        return self.identity[:IDENTITY_WIDTH] + flags.to_bytes() + self.task[:TASK_WIDTH] + duration


def unpacked(packed: bytes) -> Observation:
    """Return the observation in ``WIDTH`` bytes."""
    flags, task_end = packed[IDENTITY_WIDTH], WIDTH - DURATION_WIDTH
    return Observation(
        packed[:IDENTITY_WIDTH],
        packed[IDENTITY_WIDTH + 1 : task_end],
        MeasuredKind(flags & 3),
        Completion(flags >> 2 & 3),
        int.from_bytes(packed[task_end:]),
        bool(flags & _LATE),
    )
