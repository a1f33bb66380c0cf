"""Decoding a whole batch: each record becomes a change, a failure of its own, or nothing of ours."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from changestream.core.batch import Failure, FailureKind, crashed
from changestream.core.change import Change, ChangeKind
from changestream.core.errors import ChangestreamError, PoisonRecord
from changestream.core.quoting import quoted

Record = Mapping[str, Any]

KINDS = {kind.value: kind for kind in ChangeKind}

LATEST_SECONDS = 253_402_300_800
"""The end of the year 9999, which dates end with too."""

LONGEST_SEQUENCE_NUMBER = 129
"""Digits (Kinesis API, ``StartingSequenceNumber``)."""

LONGEST_EVENT_ID = 256
"""Characters; AWS's have up to 36."""


@dataclass(frozen=True, slots=True)
class DecodedBatch:
    """The changes of a batch in its order; the records that failed to be decoded; how many were passed over."""

    records: int
    changes: Sequence[Change]
    failures: Sequence[Failure]
    passed_over: int


def numbered(number: object) -> str:
    """Return a sequence number. Raises ``ValueError`` for what none can be: no answer could name its record by it."""
    if (
        not isinstance(number, str)
        or not (number.isascii() and number.isdigit())
        or len(number) > LONGEST_SEQUENCE_NUMBER
    ):
        raise ValueError(f"{quoted(number)} is not a sequence number")
    return number


def named(record: object) -> str:
    """Return what an error calls a record that nothing else can name."""
    source = record.get("eventSource") if isinstance(record, Mapping) else None
    return f"a record of {source if isinstance(source, str) else quoted(source):.60}"


def member(document: object, name: str, of_what: str) -> Mapping[str, Any]:
    """Return the object under a name in a document. Raises ``PoisonRecord`` if there is none."""
    found = document.get(name) if isinstance(document, Mapping) else None
    if not isinstance(found, Mapping):
        raise PoisonRecord(f"{of_what} with {name} {quoted(found)}, not an object")
    return found


def kind_of(name: object) -> ChangeKind:
    """Return what an ``eventName`` says. Raises ``PoisonRecord`` for any other value."""
    kind = KINDS.get(name) if isinstance(name, str) else None
    if kind is not None:
        return kind
    raise PoisonRecord(f"a change with eventName {quoted(name)}, not one of {', '.join(ChangeKind)}")


def event_id_of(record: Mapping[str, Any]) -> str:
    """Return the ``eventID`` of a record, "" if it has none: it is optional, and nothing is keyed by it."""
    found = record.get("eventID", "")
    if not isinstance(found, str) or not found.isascii() or len(found) > LONGEST_EVENT_ID:
        raise PoisonRecord(f"a change with eventID {quoted(found)}, not an id")
    return found


def decoded(
    records: Sequence[Record], change: Callable[[Record], Change | None], sequence_number: Callable[[Record], str]
) -> DecodedBatch:
    """Decode records with ``change``, which returns ``None`` for a record that is not the consumer's business.

    Recovery delivers whole ranges, so records that the mapping's filter would have dropped arrive here too. Only a
    ``PoisonRecord`` is poison; an error that nobody declared is a bug of the decoder, and a crash at this record.
    """
    changes: list[Change] = []
    failures: list[Failure] = []
    for record in records:
        try:
            found = change(record)
        except PoisonRecord as error:
            failures.append(Failure(sequence_number(record), FailureKind.POISON, error.reason))
        except ChangestreamError:
            raise
        except Exception as bug:  # the per-record boundary of decoding
            failures.append(crashed(sequence_number(record), bug))
        else:
            if found is not None:
                changes.append(found)
    return DecodedBatch(len(records), changes, failures, len(records) - len(changes) - len(failures))
