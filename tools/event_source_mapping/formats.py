"""How a record tells its sequence number, arrival, item and size, for each kind of stream."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

type Record = dict[str, Any]

# Around the attributes: names, ARNs and punctuation of one record, generously.
_DYNAMODB_ENVELOPE = 1_000
# DynamoDB counts 2 bytes where JSON text may need `{"NULL":true},`, and 1 where an escaped character needs 6.
_DYNAMODB_TEXT_PER_BYTE = 16
# Envelope plus a partition key of 256 characters, each escaped.
_KINESIS_ENVELOPE = 2_500


@dataclass(frozen=True, slots=True)
class RecordFormat:
    """Readers of one kind of record; `most_bytes` is a cheap upper bound of its JSON text."""

    batch_description: str
    arrival_digits: int
    sequence_number: Callable[[Record], str]
    arrival: Callable[[Record], float]
    item: Callable[[Record], str]
    most_bytes: Callable[[Record], int]


def exact_bytes(record: Record) -> int:
    """The size of a record's JSON text in UTF-8, as it counts towards the 6 MB of a synchronous request."""
    return len(json.dumps(record, ensure_ascii=False, separators=(",", ":")).encode())


def _dynamodb_item(record: Record) -> str:
    return json.dumps(record["dynamodb"]["Keys"], sort_keys=True)


DYNAMODB = RecordFormat(
    batch_description="DDBStreamBatchInfo",
    arrival_digits=0,
    sequence_number=lambda record: str(record["dynamodb"]["SequenceNumber"]),
    arrival=lambda record: float(record["dynamodb"]["ApproximateCreationDateTime"]),
    item=_dynamodb_item,
    most_bytes=lambda record: (
        _DYNAMODB_ENVELOPE + _DYNAMODB_TEXT_PER_BYTE * int(record["dynamodb"].get("SizeBytes", 0))
    ),
)
KINESIS = RecordFormat(
    batch_description="KinesisBatchInfo",
    arrival_digits=3,
    sequence_number=lambda record: str(record["kinesis"]["sequenceNumber"]),
    arrival=lambda record: float(record["kinesis"]["approximateArrivalTimestamp"]),
    item=lambda record: str(record["kinesis"]["partitionKey"]),
    most_bytes=lambda record: _KINESIS_ENVELOPE + len(record["kinesis"]["data"]),
)
