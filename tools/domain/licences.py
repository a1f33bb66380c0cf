"""Revisions of licences as a producer with the Kinesis Producer Library puts them, and what goes wrong with documents.

Documents and aggregates are made by the libraries that producers use, not by code of ours.
"""

from base64 import b64decode
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import amazon.ion.simpleion as ion
from aws_kinesis_agg.aggregator import RecordAggregator
from aws_kinesis_agg.deaggregator import deaggregate_records

from verification.changes import Given, Item, Record

Document = dict[str, Any]

TX_TIME = datetime(2026, 1, 1, tzinfo=UTC)

DEFECTS: Sequence[Callable[[Document], Document]] = (
    lambda licence: {name: value for name, value in licence.items() if name != "postcode"},
    lambda licence: licence | {"penaltyPoints": "three"},
    lambda licence: licence | {"licenceId": None},
)
"""What goes wrong with documents that nobody checked."""


@dataclass(frozen=True, slots=True)
class Revision:
    """A document as one of its versions left it, ``None`` for a deletion."""

    document_id: str
    version: int
    licence: Document | None

    @property
    def record(self) -> bytes:
        """What the ledger writes of it."""
        metadata = {"id": self.document_id, "version": self.version, "txTime": TX_TIME, "txId": "transaction"}
        revision = {"hash": bytes(32), "metadata": metadata} | ({"data": self.licence} if self.licence else {})
        return ledger_record("REVISION_DETAILS", {"tableInfo": {"tableName": "BicycleLicence"}, "revision": revision})


def licence(document_id: str, version: int) -> Document:
    """Return a document as it stands in one of its versions."""
    return {
        "licenceId": f"licence-{document_id[-8:]}",
        "name": "A. Rider",
        "penaltyPoints": version,
        "postcode": f"AB{version} 1CD",
        "street": f"{version + 1} High Street",
    }


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


def revisions(record: Record) -> Iterator[Revision]:
    """Yield the revisions in a Kinesis record as Lambda delivers it, read by the libraries that wrote them."""
    for one in deaggregate_records([record]):
        document = ion.loads(b64decode(one["kinesis"]["data"]))
        if document["recordType"] == "REVISION_DETAILS":
            revision = document["payload"]["revision"]
            metadata, data = revision["metadata"], revision.get("data")
            yield Revision(str(metadata["id"]), int(metadata["version"]), None if data is None else dict(data))


def revisions_in(records: Iterable[Record]) -> list[Given]:
    """Return the revisions in some records of a ledger's stream, each once, as changes of their documents."""
    found: dict[tuple[str, int], Given] = {}
    for record in records:
        for one in revisions(record):
            new = None if one.licence is None else {name: _value(given) for name, given in one.licence.items()}
            change = Given({"documentId": one.document_id}, one.version + 1, None, new)
            found.setdefault((one.document_id, one.version), change).numbers.append(record["kinesis"]["sequenceNumber"])
    return list(found.values())


def is_licence(image: Item) -> bool:
    """Tell whether a document is well-formed."""
    texts = (image.get(name, {}).get("S") for name in ("licenceId", "name", "postcode", "street"))
    return all(isinstance(text, str) for text in texts) and "N" in image.get("penaltyPoints", {})


def _value(given: Any) -> dict[str, Any]:
    if isinstance(given, int):
        return {"N": str(int(given))}
    return {"S": str(given)} if isinstance(given, str) else {"NULL": True}
