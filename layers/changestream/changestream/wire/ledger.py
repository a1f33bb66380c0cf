"""Document revisions of a ledger: Ion documents in Kinesis records, most of them aggregated by the producer's library.

A record of the stream is a struct of ``recordType`` and ``payload``. ``REVISION_DETAILS`` holds a document as one of
its revisions left it; ``BLOCK_SUMMARY`` and ``CONTROL`` tell of the ledger's own affairs (QLDB Developer Guide, "Stream
records"; the service has closed, the form is that of any store that carries its state in the event). Revisions may
come twice and in any order: what orders them is the version of the document.
"""

from base64 import b64encode
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from pybase64 import b64decode

from changestream.core.batch import Failure, FailureKind
from changestream.core.change import Change, ChangeKind, item_key
from changestream.core.errors import PoisonRecord
from changestream.core.position import Position, position_of
from changestream.wire.batch import DAMAGES, DecodedBatch, Record
from changestream.wire.ion import NotIon, load
from changestream.wire.kinesis_capture import sequence_number
from changestream.wire.kpl import unpack

REVISION = "REVISION_DETAILS"
OWN_AFFAIRS = frozenset({"BLOCK_SUMMARY", "CONTROL"})


def decode(records: Iterable[Record]) -> DecodedBatch:
    """Decode every user record of a batch; the counts are of user records, not of the Kinesis records around them.

    The user records of one Kinesis record share its sequence number, the only name that Lambda has for any of them: one
    that fails brings back all of them, and those that are done find their version at the view.
    """
    changes: list[Change] = []
    poison: list[Failure] = []
    count = 0
    for record in records:
        try:
            unpacked = unpack(b64decode(record["kinesis"]["data"], validate=True))
        except DAMAGES as error:
            poison.append(Failure(sequence_number(record), FailureKind.POISON, f"cannot be decoded: {error!r}"))
            count += 1
            continue
        count += len(unpacked.records)
        found, failed = _decode(record, unpacked.records, unpacked.doubt)
        changes += found
        poison += failed
    return DecodedBatch(count, changes, poison, count - len(changes) - len(poison))


def _decode(record: Record, documents: Sequence[bytes], doubt: str | None) -> tuple[list[Change], list[Failure]]:
    changes, poison = [], []
    for document in documents:
        try:
            if decoded := change(document, record):
                changes.append(decoded)
        except PoisonRecord as error:
            reason = f"{error.reason}; {doubt}" if doubt else error.reason
            poison.append(Failure(sequence_number(record), FailureKind.POISON, reason))
        except Exception as error:  # whatever a document does to its decoder, it does to itself alone
            poison.append(Failure(sequence_number(record), FailureKind.POISON, f"cannot be decoded: {error!r}"))
    return changes, poison


def change(document: bytes, record: Record) -> Change | None:
    """Decode a user record of a Kinesis record, ``None`` for one that tells of the ledger's own affairs.

    A revision without ``data`` is the deletion of its document. Raises ``PoisonRecord`` for what cannot be understood.
    """
    try:
        told = load(document)
    except NotIon as error:
        raise PoisonRecord(f"not an Ion document: {error}") from error
    try:
        if told["recordType"] in OWN_AFFAIRS:
            return None
        if told["recordType"] != REVISION:
            raise PoisonRecord(f"a ledger record of type {told['recordType']!r:.60}, which nobody here knows")
        return _revision(told["payload"], record)
    except DAMAGES as error:
        raise PoisonRecord(f"not a ledger record: {error!r}") from error


def _revision(payload: Mapping[str, Any], record: Record) -> Change:
    revision = payload["revision"]
    document_id, version = revision["metadata"]["id"], revision["metadata"]["version"]
    if not isinstance(document_id, str):
        raise PoisonRecord(f"a revision of the document {document_id!r:.60}, which is no text")
    keys = {"documentId": {"S": document_id}}
    return Change(
        kind=ChangeKind.REMOVE if "data" not in revision else ChangeKind.MODIFY if version else ChangeKind.INSERT,
        keys=keys,
        item=item_key(keys),
        old_image=None,
        new_image=_image(revision["data"]) if "data" in revision else None,
        position=position_of_version(version),
        sequence_number=sequence_number(record),
        event_id=f"{document_id}/{version}",
        occurred_at=_moment(revision["metadata"].get("txTime"), record),
        by_time_to_live=False,
        table=payload.get("tableInfo", {}).get("tableName"),
    )


def position_of_version(version: object) -> Position:
    """Return the position of a version: one more, because the first version is 0, and 0 comes before every real change.

    Raises ``PoisonRecord`` for what is no version.
    """
    if not isinstance(version, int) or isinstance(version, bool) or version < 0:
        raise PoisonRecord(f"a revision with version {version!r:.60}, not a whole number from 0")
    return position_of(version + 1)


def _moment(written_at: object, record: Record) -> float:
    """Return when the revision was written or, where it does not say, when it arrived: it only serves to tell a lag."""
    if isinstance(written_at, datetime):
        return written_at.timestamp()
    return float(record["kinesis"]["approximateArrivalTimestamp"])


def _image(data: Mapping[str, Any]) -> dict[str, Any]:
    return {name: _attribute_value(value) for name, value in data.items()}


def _attribute_value(value: Any) -> dict[str, Any]:  # one case for each type of Ion
    match value:
        case None:
            return {"NULL": True}
        case bool():
            return {"BOOL": value}
        case str():
            return {"S": value}
        case int() | float() | Decimal():
            return {"N": str(value)}
        case datetime():
            return {"S": value.isoformat()}
        case bytes():
            return {"B": b64encode(value).decode()}
        case list():
            return {"L": [_attribute_value(element) for element in value]}
        case _:
            return {"M": _image(value)}
