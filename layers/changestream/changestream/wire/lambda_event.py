"""From what GetRecords returns through boto3 to the record that Lambda would have delivered.

Shapes: Developer Guide, "Using AWS Lambda with Amazon DynamoDB" and "… with Amazon Kinesis". boto3 decodes base64 and
times and keeps the API's spelling, so binaries, times and ``userIdentity`` have to be turned back.
"""

from base64 import b64encode
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from changestream.core.failed_batch import StreamKind
from changestream.core.quoting import quoted
from changestream.core.sequence_number import SequenceNumber
from changestream.wire.attribute_values import to_event

IMAGES = ("Keys", "NewImage", "OldImage")
NUMBERED_BY = {StreamKind.DYNAMODB: "SequenceNumber", StreamKind.KINESIS: "sequenceNumber"}
RECORD_MEMBERS = ("eventID", "eventName", "eventVersion", "eventSource", "awsRegion")


def sequence_number(record: Mapping[str, Any]) -> str:
    """Return what a partial batch response names the record by, whichever stream it is from."""
    number: str = record["dynamodb"]["SequenceNumber"] if "dynamodb" in record else record["kinesis"]["sequenceNumber"]
    return number


def numbers_of(event: object, kind: StreamKind | None) -> list[SequenceNumber]:
    """Return the sequence numbers of the records of an event that was kept.

    Every record is of the stream ``kind``, or of the first record's if that is ``None``. Raises ``ValueError`` for
    anything else, and for a record that has both bodies or none.
    """
    records = event.get("Records") if isinstance(event, Mapping) else None
    if not isinstance(records, list):
        raise ValueError(f"its Records are {quoted(records)}, not a list")
    numbers = []
    for record in records:
        bodies = {each: record[each] for each in StreamKind if each in record} if isinstance(record, Mapping) else {}
        if len(bodies) != 1:
            raise ValueError(f"a record has {' and '.join(bodies) or 'neither dynamodb nor kinesis'}")
        ((found, body),) = bodies.items()
        if found is not (kind := kind or found):
            raise ValueError(f"a record is of {found}, not of {kind}")
        if not isinstance(body, Mapping):
            raise ValueError(f"a record has {found} {quoted(body)}, not an object")
        numbers.append(SequenceNumber.parse(body.get(NUMBERED_BY[found])))
    return numbers


def arrival(record: Mapping[str, Any]) -> float:
    """Return when the record came into its stream, in epoch seconds; whole ones, rounded down, for a table's stream.

    Both services may leave the time out. Such a record counts as the oldest there is, 0: recovery then reports a gap
    that may not be there, instead of missing one that is.
    """
    if "dynamodb" in record:
        return float(record["dynamodb"].get("ApproximateCreationDateTime", 0))
    return float(record["kinesis"].get("approximateArrivalTimestamp", 0))


def table_stream_record(record: Mapping[str, Any], stream_arn: str) -> dict[str, Any]:
    """Return the event record of a DynamoDB Streams record.

    What the record leaves out, the event leaves out: everything but the sequence number is optional (DynamoDB Streams
    API, ``Record``), and the function that gets the event decides what it needs.
    """
    body = dict(record["dynamodb"])
    if "ApproximateCreationDateTime" in body:
        body["ApproximateCreationDateTime"] = _epoch_seconds(body["ApproximateCreationDateTime"])
    for name in IMAGES:
        if name in body:
            body[name] = to_event(body[name])
    event_record = {name: record[name] for name in RECORD_MEMBERS if name in record}
    event_record |= {"dynamodb": body, "eventSourceARN": stream_arn}
    if identity := record.get("userIdentity"):
        event_record["userIdentity"] = {"principalId": identity.get("PrincipalId"), "type": identity.get("Type")}
    return event_record


def kinesis_record(record: Mapping[str, Any], stream_arn: str, shard_id: str, role_arn: str) -> dict[str, Any]:
    """Return the event record of a Kinesis record; ``role_arn`` is the execution role of the function it goes to."""
    arrived = record.get("ApproximateArrivalTimestamp")  # optional (Kinesis API, ``Record``)
    return {
        "kinesis": {
            "kinesisSchemaVersion": "1.0",
            "partitionKey": record.get("PartitionKey", ""),
            "sequenceNumber": record["SequenceNumber"],
            "data": b64encode(record["Data"]).decode(),
        }
        | ({"approximateArrivalTimestamp": _epoch_seconds(arrived)} if arrived else {}),
        "eventSource": "aws:kinesis",
        "eventVersion": "1.0",
        "eventID": f"{shard_id}:{record['SequenceNumber']}",
        "eventName": "aws:kinesis:record",
        "invokeIdentityArn": role_arn,
        "awsRegion": stream_arn.split(":")[3],
        "eventSourceARN": stream_arn,
    }


def _epoch_seconds(moment: datetime) -> float:
    return moment.timestamp()
