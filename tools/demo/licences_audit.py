"""The audit of what is parked of a ledger's stream."""

from collections.abc import Iterable, Mapping

from demo.audit import Finding
from domain.licences import Revision, revisions
from verification.parked import ParkedPayload


def audit_parked_licences(parked: Iterable[ParkedPayload], malformed: Mapping[str, Revision]) -> Finding:
    """Compare what is parked of the ledger's stream with the malformed revisions: each, and no record without one."""
    left = {(one.document_id, one.version) for one in malformed.values()}
    found: set[tuple[str, int]] = set()
    differences = []
    for one in parked:
        for record in one.records:
            bad = left.intersection((revision.document_id, revision.version) for revision in revisions(record))
            found |= bad
            if not bad or one.reason != "poison":
                differences.append(f"{one.key}: not of a malformed licence ({one.reason}: {one.message})")
    differences += [f"{document_id} is not parked" for document_id, _ in sorted(left - found)]
    return Finding("ParkedRecordsBucket, per malformed licence", len(malformed), differences)
