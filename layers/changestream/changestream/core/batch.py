"""What became of a batch, and how Lambda is told."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class FailureKind(StrEnum):
    """Why a record failed, which decides what recovery does with it."""

    POISON = "poison"
    UNAVAILABLE = "unavailable"
    OUT_OF_TIME = "out_of_time"


LONGEST_REASON = 1000
"""Characters: a reason may quote its record, and a function whose answer has more than 6 MB fails (Lambda quotas)."""


@dataclass(frozen=True, slots=True)
class Failure:
    """A record that is not done, by its sequence number. Of a long reason the beginning is kept."""

    sequence_number: str
    kind: FailureKind
    reason: str

    def __post_init__(self) -> None:
        object.__setattr__(self, "reason", self.reason[:LONGEST_REASON])


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


def lowest(sequence_numbers: Iterable[str]) -> str:
    """Return the lowest of some sequence numbers, compared as integers. Raises ``ValueError`` for none."""
    return min(sequence_numbers, key=int)
