"""Decoding a whole batch: each record becomes a change, a failure of its own, or nothing of ours."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from changestream.core.batch import Failure, FailureKind
from changestream.core.change import Change
from changestream.core.errors import PoisonRecord

Record = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class DecodedBatch:
    """The changes of a batch in its order; the records that are poison; how many were passed over."""

    records: int
    changes: Sequence[Change]
    poison: Sequence[Failure]
    passed_over: int


def decoded(
    records: Sequence[Record],
    change: Callable[[Record], Change],
    sequence_number: Callable[[Record], str],
    concerns: Callable[[Change], bool],
) -> DecodedBatch:
    """Decode records with ``change`` and keep those that ``concerns`` the consumer.

    Recovery delivers whole ranges, so records that the mapping's filter would have dropped arrive here too.
    """
    changes: list[Change] = []
    poison: list[Failure] = []
    for record in records:
        try:
            found = change(record)
        except PoisonRecord as error:
            poison.append(Failure(sequence_number(record), FailureKind.POISON, error.reason))
            continue
        except Exception as error:  # whatever a record does to its decoder, it does to itself alone
            poison.append(Failure(sequence_number(record), FailureKind.POISON, f"cannot be decoded: {error!r}"))
            continue
        if concerns(found):
            changes.append(found)
    return DecodedBatch(len(records), changes, poison, len(records) - len(changes) - len(poison))
