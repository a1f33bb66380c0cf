"""Decoding a whole batch: each record becomes a change, a failure of its own, or nothing of ours."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from changestream.core.batch import Failure, FailureKind
from changestream.core.change import Change
from changestream.core.errors import PoisonRecord

Record = Mapping[str, Any]


DAMAGES = (KeyError, TypeError, ValueError, AttributeError, OverflowError)
"""What reading a document raises that is not what it should be."""


@dataclass(frozen=True, slots=True)
class DecodedBatch:
    """The changes of a batch in its order; the records that are poison; how many were passed over."""

    records: int
    changes: Sequence[Change]
    poison: Sequence[Failure]
    passed_over: int


def numbered(number: object) -> str:
    """Return a sequence number. Raises ``ValueError`` for what none can be: no answer could name its record by it."""
    if not isinstance(number, str) or not (number.isascii() and number.isdigit()):
        raise ValueError(f"{number!r:.60} is no sequence number")
    return number


def named(record: object) -> str:
    """Return what an error calls a record that nothing else can name."""
    source = record.get("eventSource") if isinstance(record, Mapping) else None
    return f"a record of {source if isinstance(source, str) else repr(source):.60}"


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
            ours = concerns(found)
        except PoisonRecord as error:
            poison.append(Failure(sequence_number(record), FailureKind.POISON, error.reason))
            continue
        except Exception as error:  # whatever a record does to its decoder, it does to itself alone
            poison.append(Failure(sequence_number(record), FailureKind.POISON, f"cannot be decoded: {error!r}"))
            continue
        if ours:
            changes.append(found)
    return DecodedBatch(len(records), changes, poison, len(records) - len(changes) - len(poison))
