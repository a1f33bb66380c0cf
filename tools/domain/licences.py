"""Revisions of licences as a producer with the Kinesis Producer Library puts them, and what goes wrong with documents.

Documents and aggregates are made by the libraries that producers use, not by code of ours.
"""

from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from typing import Any

import amazon.ion.simpleion as ion
from aws_kinesis_agg.aggregator import RecordAggregator

Document = dict[str, Any]

TX_TIME = datetime(2026, 1, 1, tzinfo=UTC)

DEFECTS: Sequence[Callable[[Document], Document]] = (
    lambda licence: {name: value for name, value in licence.items() if name != "postcode"},
    lambda licence: licence | {"penaltyPoints": "three"},
    lambda licence: licence | {"licenceId": None},
)
"""What goes wrong with documents that nobody checked."""


def licence(document_id: str, version: int) -> Document:
    """Return a document as it stands in one of its versions."""
    return {
        "licenceId": f"licence-{document_id[-8:]}",
        "name": "A. Rider",
        "penaltyPoints": version,
        "postcode": f"AB{version} 1CD",
        "street": f"{version + 1} High Street",
    }


def revision_record(document_id: str, version: int, document: Document | None) -> bytes:
    """Return what the ledger writes of a revision, ``None`` for a deletion."""
    metadata = {"id": document_id, "version": version, "txTime": TX_TIME, "txId": "transaction"}
    revision = {"hash": bytes(32), "metadata": metadata} | ({"data": document} if document else {})
    return ledger_record("REVISION_DETAILS", {"tableInfo": {"tableName": "BicycleLicence"}, "revision": revision})


def ledger_record(kind: str, payload: Document) -> bytes:
    """Return a record of any kind."""
    record: bytes = ion.dumps({"recordType": kind, "payload": payload}, binary=True)
    return record


def aggregated(records: Iterable[tuple[str, bytes]]) -> tuple[str, bytes]:
    """Return one Kinesis record for some of the producer's, each of these as its partition key and its bytes."""
    aggregator = RecordAggregator()
    for partition_key, record in records:
        aggregator.add_user_record(partition_key, record)
    key, _, content = aggregator.clear_and_get().get_contents()
    return str(key), bytes(content)
