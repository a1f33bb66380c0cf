"""Document revisions of a ledger: Ion documents in Kinesis records, most of them aggregated by the producer's library.

A record of the stream is a struct of ``recordType`` and ``payload``. ``REVISION_DETAILS`` holds a document as one of
its revisions left it; ``BLOCK_SUMMARY`` and ``CONTROL`` tell of the ledger's own affairs (QLDB Developer Guide, "Stream
records"; the service has closed, the form is that of any store that carries its state in the event). Revisions may
come twice and in any order: what orders them is the version of the document.
"""

from base64 import b64encode
from collections.abc import Iterable, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from pybase64 import b64decode

from changestream.core.batch import Failure, FailureKind, crashed
from changestream.core.change import Change, ChangeKind, item_key
from changestream.core.errors import ChangestreamError, PoisonRecord
from changestream.core.position import WIDTH, Position, position_of
from changestream.core.quoting import quoted
from changestream.wire.batch import LATEST_SECONDS, DecodedBatch, Record, member
from changestream.wire.ion import NotIon, load
from changestream.wire.ion_budget import Budget
from changestream.wire.item import checked_keys
from changestream.wire.kinesis_capture import sequence_number
from changestream.wire.kpl import Unpacked, unpack

REVISION = "REVISION_DETAILS"
NUMBER_BITS = 128
"""More than 38 digits need: Python takes time in the square of the digits to write an integer out."""

OWN_AFFAIRS = frozenset({"BLOCK_SUMMARY", "CONTROL"})


def decode(records: Iterable[Record]) -> DecodedBatch:
    """Decode every user record of a batch; the counts are of user records, not of the Kinesis records around them.

    The user records of one Kinesis record share its sequence number, the only name that Lambda has for any of them: one
    that fails brings back all of them, and those that are done find their version at the view.
    """
    changes: list[Change] = []
    failures: list[Failure] = []
    count = 0
    for record in records:
        try:
            unpacked = _unpacked(record)
        except PoisonRecord as error:
            failures.append(Failure(sequence_number(record), FailureKind.POISON, error.reason))
            count += 1
            continue
        count += len(unpacked.records)
        found, failed = _decode(record, unpacked)
        changes += found
        failures += failed
    return DecodedBatch(count, changes, failures, count - len(changes) - len(failures))


def _unpacked(record: Record) -> Unpacked:
    data = member(record, "kinesis", "a record of Kinesis").get("data")
    try:
        if isinstance(data, str):
            return unpack(b64decode(data, validate=True))
    except ValueError:
        pass
    raise PoisonRecord(f"a record of Kinesis with data {quoted(data)}, not base64")


def _decode(record: Record, unpacked: Unpacked) -> tuple[list[Change], list[Failure]]:
    changes: list[Change] = []
    failures: list[Failure] = []
    budget = Budget()
    for document in unpacked.records:
        try:
            if decoded := change(document, record, budget):
                changes.append(decoded)
        except PoisonRecord as error:
            reason = f"{error.reason}; {unpacked.doubt}" if unpacked.doubt else error.reason
            failures.append(Failure(sequence_number(record), FailureKind.POISON, reason))
        except ChangestreamError:
            raise
        except Exception as bug:  # the per-record boundary of decoding
            failures.append(crashed(sequence_number(record), bug))
    return changes, failures


def change(document: bytes, record: Record, budget: Budget | None = None) -> Change | None:
    """Decode a user record of a Kinesis record, ``None`` for one that tells of the ledger's own affairs.

    A revision without ``data`` is the deletion of its document. ``budget`` is that of the Kinesis record. Raises
    ``PoisonRecord`` for what cannot be understood.
    """
    try:
        content = load(document, budget)
    except NotIon as error:
        raise PoisonRecord(f"not an Ion document: {error}") from None
    record_type = content.get("recordType") if isinstance(content, dict) else None
    if not isinstance(record_type, str):
        raise PoisonRecord(f"not a ledger record: {quoted(content)} with recordType {quoted(record_type)}")
    if record_type in OWN_AFFAIRS:
        return None
    if record_type != REVISION:
        raise PoisonRecord(f"a ledger record of type {quoted(record_type)}, which nobody here knows")
    return _revision(member(content, "payload", "a ledger record"), record)


def _revision(payload: Mapping[str, Any], record: Record) -> Change:
    revision = member(payload, "revision", "a ledger record")
    metadata = member(revision, "metadata", "a revision")
    document_id, version = metadata.get("id"), metadata.get("version")
    if not isinstance(document_id, str):
        raise PoisonRecord(f"a revision of the document {quoted(document_id)}, which is no text")
    keys = checked_keys({"documentId": {"S": document_id}})
    position = position_of_version(version)
    table = payload.get("tableInfo")
    table_name = table.get("tableName") if isinstance(table, Mapping) else None
    return Change(
        kind=ChangeKind.REMOVE if "data" not in revision else ChangeKind.MODIFY if version else ChangeKind.INSERT,
        keys=keys,
        item=item_key(keys),
        old_image=None,
        new_image=_image(member(revision, "data", "a revision")) if "data" in revision else None,
        position=position,
        sequence_number=sequence_number(record),
        event_id=f"{document_id}/{version}",
        time=_moment(metadata.get("txTime"), record),
        by_time_to_live=False,
        table=table_name if isinstance(table_name, str) else None,
    )


def position_of_version(version: object) -> Position:
    """Return the position of a version: one more, because the first version is 0, and 0 comes before every real change.

    Raises ``PoisonRecord`` for what is no version.
    """
    if not isinstance(version, int) or isinstance(version, bool) or not 0 <= version < 10**WIDTH - 1:
        raise PoisonRecord(f"a revision with version {quoted(version)}, not a whole number from 0")
    return position_of(version + 1)


def _moment(written_at: object, record: Record) -> float | None:
    """Return when the revision was written or, if it does not say, when it arrived: it only serves to tell a lag."""
    if isinstance(written_at, datetime):
        return written_at.timestamp()
    arrived = record["kinesis"].get("approximateArrivalTimestamp")
    return float(arrived) if isinstance(arrived, int | float) and 0 <= arrived < LATEST_SECONDS else None


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
            return {"N": _number(value)}
        case datetime():
            return {"S": value.isoformat()}
        case bytes():
            return {"B": b64encode(value).decode()}
        case list():
            return {"L": [_attribute_value(element) for element in value]}
        case _:
            return {"M": _image(value)}


def _number(value: int | float | Decimal) -> str:
    """Return a number as text; one that DynamoDB does not take as text that its readers refuse."""
    if isinstance(value, int) and value.bit_length() > NUMBER_BITS:
        return quoted(value)
    return str(value)
