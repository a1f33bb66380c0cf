"""What a measure keeps of a change: 20 bytes, of which 8 say which change it is.

Observations form sets, and sets are united: in whatever order, pieces and repeats changes arrive, their union is one.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import IntEnum

WIDTH = 20
IDENTITY_WIDTH, TASK_WIDTH, DURATION_WIDTH = 8, 6, 5
LONGEST: int = 2 ** (8 * DURATION_WIDTH) - 1
"""Milliseconds, 34 years: a task that took longer is taken to have taken that long."""

_LATE = 0x80
"""The highest bit of the flags: of two observations of one change the punctual one is the lesser."""


class Kind(IntEnum):
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
    kind: Kind
    completion: Completion
    milliseconds: int
    late: bool

    def packed(self) -> bytes:
        """Return it as ``WIDTH`` bytes."""
        flags: int = self.kind | self.completion << 2 | (_LATE if self.late else 0)
        duration = min(self.milliseconds, LONGEST).to_bytes(DURATION_WIDTH)
        return self.identity[:IDENTITY_WIDTH] + flags.to_bytes() + self.task[:TASK_WIDTH] + duration


Observations = dict[bytes, bytes]
"""Packed observations by identity."""


def unpacked(packed: bytes) -> Observation:
    """Return the observation in ``WIDTH`` bytes."""
    flags, task_end = packed[IDENTITY_WIDTH], WIDTH - DURATION_WIDTH
    return Observation(
        packed[:IDENTITY_WIDTH],
        packed[IDENTITY_WIDTH + 1 : task_end],
        Kind(flags & 3),
        Completion(flags >> 2 & 3),
        int.from_bytes(packed[task_end:]),
        bool(flags & _LATE),
    )


def together(observations: Observations) -> bytes:
    """Return a set as bytes that depend on nothing but the set."""
    return b"".join(sorted(observations.values()))


def apart(packed: bytes) -> Observations:
    """Return the set in such bytes. Raises ``ValueError`` where they are not whole observations."""
    if len(packed) % WIDTH:
        raise ValueError(f"{len(packed)} bytes are not observations of {WIDTH} bytes")
    return unite(packed[start : start + WIDTH] for start in range(0, len(packed), WIDTH))


def unite(observations: Iterable[bytes], into: Observations | None = None) -> Observations:
    """Return the union of some packed observations with the set ``into``, which it extends.

    Of two observations of one change the lesser stays: so it is late only if it was late each time.
    """
    union = {} if into is None else into
    for packed in observations:
        identity = packed[:IDENTITY_WIDTH]
        known = union.get(identity)
        union[identity] = packed if known is None or packed < known else known
    return union
