"""Ledger records for tests, written by the reference libraries: amazon.ion, and aws_kinesis_agg for aggregates."""

from collections.abc import Iterable
from datetime import UTC, datetime
from hashlib import md5
from typing import Any

import amazon.ion.simpleion as amazon_ion
from aws_kinesis_agg import aggregator  # puts its folder on the path, where its messages look for one another

from builders import MOMENT, kinesis_record
from changestream.wire.kpl import MAGIC

Json = dict[str, Any]

AggregatedRecord: Any = aggregator.messages_pb2.AggregatedRecord


def licence(licence_id: str = "licence-1", **fields: Any) -> Json:
    """The document of a licence; ``fields`` adds or replaces, ``...`` as value removes."""
    document = {"licenceId": licence_id, "name": "Ada", "penaltyPoints": 0, "postcode": "AB1 2CD"} | fields
    return {name: value for name, value in document.items() if value is not ...}


def revision(version: Any, data: Any = ..., document_id: str = "document-1", **metadata: Any) -> bytes:
    """The record of a revision; without ``data`` that of a deletion."""
    body: Json = {
        "blockAddress": {"strandId": "strand-1", "sequenceNo": version},
        "hash": b"digest of the revision",
        "metadata": {
            "id": document_id,
            "version": version,
            "txTime": datetime.fromtimestamp(MOMENT, UTC),
            "txId": f"transaction-{version}",
        }
        | metadata,
    }
    if data is not ...:
        body["data"] = data
    return ledger_record(
        "REVISION_DETAILS", {"tableInfo": {"tableName": "BicycleLicence", "tableId": "table-1"}, "revision": body}
    )


def block_summary() -> bytes:
    return ledger_record("BLOCK_SUMMARY", {"transactionId": "transaction-1", "revisionSummaries": []})


def control() -> bytes:
    return ledger_record("CONTROL", {"controlRecordType": "CREATED"})


def ledger_record(kind: str, payload: Json) -> bytes:
    stream = "arn:aws:qldb:eu-west-1:123456789012:stream/licences/stream-1"
    return ion({"qldbStreamArn": stream, "recordType": kind, "payload": payload})


def ion(value: Any) -> bytes:
    document: bytes = amazon_ion.dumps(value, binary=True)
    return document


def aggregate(records: Iterable[bytes], keys: int = 3, hash_keys: int = 0) -> bytes:
    """What a producer with so many partition keys, and explicit hash keys, puts for some user records."""
    message = AggregatedRecord()
    message.partition_key_table.extend(f"key-{n}" for n in range(keys))
    message.explicit_hash_key_table.extend(str(n) for n in range(hash_keys))
    for n, data in enumerate(records):
        record = message.records.add()
        record.partition_key_index = n % keys
        if hash_keys:
            record.explicit_hash_key_index = n % hash_keys
        record.data = data
    return sealed(message.SerializeToString())


def sealed(body: bytes) -> bytes:
    """A body between the magic number and its MD5."""
    return MAGIC + body + md5(body, usedforsecurity=False).digest()


def aggregated(n: int, *records: bytes) -> Json:
    """A Kinesis record, the n-th of its shard, with an aggregate of these user records."""
    return kinesis_record(n, aggregate(records))
