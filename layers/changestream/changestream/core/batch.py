"""What became of a batch, and how Lambda is told."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import PurePath
from traceback import extract_tb
from typing import Any

from changestream.core.quoting import shortened


class FailureKind(StrEnum):
    """Why a record failed, which decides what recovery does with it.

    ``crash`` is a bug of the consumer that this record meets: it is retried, parked, and delivered again once the bug
    is fixed.
    """

    POISON = "poison"
    CRASH = "crash"
    UNAVAILABLE = "unavailable"
    OUT_OF_TIME = "out_of_time"


LONGEST_REASON = 300
"""Characters of a reason: it may quote the beginning of its record, or of an answer from AWS, and not all of it."""


@dataclass(frozen=True, slots=True)
class Failure:
    """A record that is not done, by its sequence number.

    A long reason is cut, and control characters in it are escaped. ``bug`` is the exception behind a crash.
    """

    sequence_number: str
    kind: FailureKind
    reason: str
    bug: Exception | None = field(default=None, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "reason", shortened(self.reason, LONGEST_REASON))


@dataclass(frozen=True, slots=True)
class BatchOutcome:
    """How each record of a batch ended: applied, superseded, passed over (none of our business) or failed."""

    records: int
    superseded: int
    passed_over: int
    failures: Sequence[Failure]

    @property
    def first_failure(self) -> Failure | None:
        """The failure with the lowest sequence number, compared as integers."""
        return min(self.failures, key=lambda failure: int(failure.sequence_number), default=None)

    def response(self) -> dict[str, Any]:
        """Return the partial batch response: the one record from which Lambda is to deliver again.

        Lambda resumes at the lowest identifier whatever the others are (Developer Guide, "Configuring partial batch
        response"), so one says all. ``failure`` is for recovery, which must tell a poison record from a dependency
        that refuses, and so is ``superseded``; Lambda reads ``batchItemFailures`` only.
        """
        first = self.first_failure
        told = {"superseded": self.superseded} if self.superseded else {}
        if first is None:
            return {"batchItemFailures": []} | told
        return {
            "batchItemFailures": [{"itemIdentifier": first.sequence_number}],
            "failure": {"kind": first.kind.value, "reason": first.reason},
        } | told


def crashed(sequence_number: str, bug: Exception) -> Failure:
    """Return the failure of a record at which the consumer's own code crashed; its traceback stays for the log."""
    return Failure(sequence_number, FailureKind.CRASH, crash_reason(bug), bug)


def crash_reason(bug: Exception) -> str:
    """Return an unexpected exception as a reason: its type, its message and the line that raised it."""
    frames = extract_tb(bug.__traceback__)
    where = f" at {PurePath(frames[-1].filename).name}:{frames[-1].lineno}" if frames else ""
    return f"the consumer crashed{where}: {type(bug).__name__}: {bug}"


def lowest(sequence_numbers: Iterable[str]) -> str:
    """Return the lowest of some sequence numbers, compared as integers. Raises ``ValueError`` for none."""
    return min(sequence_numbers, key=int)
