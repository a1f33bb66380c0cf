"""The audit of what a ledger feeds: the view of its licences, and what is parked of its stream."""

from collections.abc import Iterable, Mapping
from typing import Any

from demo.audit import Finding
from demo.ledger import DocumentRevision, user_records
from demo.parked import ParkedPayload
from demo.runtime import ServedStack
from demo.truth import scan

Row = dict[str, Any]


def audit_licences(runtime: ServedStack, newest: Mapping[str, DocumentRevision]) -> Finding:
    """Compare every licence, and the tombstone of every deleted one, with its document's newest good revision."""
    rows = {row.pop("documentId")["S"]: row for row in scan(runtime, "LicencesTableName")}
    for row in rows.values():
        row.pop("tombstoneExpiresAt", None)
    expected = {document_id: _row(revision) for document_id, revision in newest.items()}
    differences = [
        f"{document_id}: projected {rows.get(document_id)}, in the ledger {expected.get(document_id)}"
        for document_id in sorted({*rows, *expected})
        if rows.get(document_id) != expected.get(document_id)
    ]
    return Finding("LicencesTable, per document", len(expected), differences)


def audit_parked_licences(parked: Iterable[ParkedPayload], malformed: Mapping[str, DocumentRevision]) -> Finding:
    """Compare what is parked of the ledger's stream with the malformed revisions: each, and no record without one."""
    found: set[str] = set()
    differences = []
    for one in parked:
        for record in one.records:
            bad = set(_revised(record, malformed))
            found |= bad
            if not bad or one.reason != "poison":
                differences.append(f"{one.key}: not of a malformed licence ({one.reason}: {one.message})")
    differences += [f"{document_id} is not parked" for document_id in sorted(malformed.keys() - found)]
    return Finding("ParkedRecordsBucket, per malformed licence", len(malformed), differences)


def _row(revision: DocumentRevision) -> Row:
    row: Row = {"watermark": {"S": f"{revision.version + 1:040d}"}}
    for name, value in (revision.licence or {}).items():
        row[name] = {"N": str(value)} if isinstance(value, int) else {"S": value}
    return row


def _revised(record: dict[str, Any], malformed: Mapping[str, DocumentRevision]) -> Iterable[str]:
    """Return the documents of which the record holds the malformed revision."""
    for document in user_records(record):
        if document["recordType"] == "REVISION_DETAILS":
            metadata = document["payload"]["revision"]["metadata"]
            if metadata["id"] in malformed and malformed[metadata["id"]].version == metadata["version"]:
                yield metadata["id"]
