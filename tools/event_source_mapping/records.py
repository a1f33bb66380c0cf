"""From what GetRecords returns (in boto3's types) to the records that functions see.

Shapes as recorded from AWS: the Lambda developer guide's pages with-ddb and with-kinesis.
"""

import base64
from datetime import datetime
from typing import Any


def _wire_value(value: dict[str, Any]) -> dict[str, Any]:
    """One attribute value with its binary parts as base64 text, at any depth."""
    ((kind, content),) = value.items()
    if kind == "M":
        return {"M": _wire_values(content)}
    if kind == "L":
        return {"L": [_wire_value(element) for element in content]}
    if kind == "B":
        return {"B": _base64(content)}
    if kind == "BS":
        return {"BS": [_base64(element) for element in content]}
    return value


def _wire_values(attributes: dict[str, dict[str, Any]]) -> dict[str, Any]:
    return {name: _wire_value(value) for name, value in attributes.items()}


def _base64(content: bytes | bytearray | str) -> str:
    return content if isinstance(content, str) else base64.b64encode(content).decode()


def _seconds(moment: datetime | float) -> float:
    return moment.timestamp() if isinstance(moment, datetime) else float(moment)


def from_dynamodb(record: dict[str, Any], stream_arn: str) -> dict[str, Any]:
    """A DynamoDB Streams record as a function sees it.

    Time is in whole seconds, binary is base64 text, and `userIdentity` is there only when the record has one.
    """
    stream_record = record["dynamodb"]
    change: dict[str, Any] = {
        "ApproximateCreationDateTime": float(int(_seconds(stream_record["ApproximateCreationDateTime"])))
    }
    for name in ("Keys", "NewImage", "OldImage"):
        if stream_record.get(name) is not None:
            change[name] = _wire_values(stream_record[name])
    for name in ("SequenceNumber", "SizeBytes", "StreamViewType"):
        change[name] = stream_record[name]
    shaped = {
        "eventID": record["eventID"],
        "eventName": record["eventName"],
        "eventVersion": record["eventVersion"],
        "eventSource": record["eventSource"],
        "awsRegion": record["awsRegion"],
        "dynamodb": change,
        "eventSourceARN": stream_arn,
    }
    identity = record.get("userIdentity")
    if identity:
        shaped["userIdentity"] = {"principalId": identity["PrincipalId"], "type": identity["Type"]}
    return shaped


def from_kinesis(record: dict[str, Any], stream_arn: str, shard_id: str, region: str, role_arn: str) -> dict[str, Any]:
    """A Kinesis record as a function sees it; `role_arn` is the function's execution role."""
    sequence_number = record["SequenceNumber"]
    return {
        "kinesis": {
            "kinesisSchemaVersion": "1.0",
            "partitionKey": record.get("PartitionKey", ""),
            "sequenceNumber": sequence_number,
            "data": _base64(record["Data"]),
            "approximateArrivalTimestamp": round(_seconds(record["ApproximateArrivalTimestamp"]), 3),
        },
        "eventSource": "aws:kinesis",
        "eventVersion": "1.0",
        "eventID": f"{shard_id}:{sequence_number}",
        "eventName": "aws:kinesis:record",
        "invokeIdentityArn": role_arn,
        "awsRegion": region,
        "eventSourceARN": stream_arn,
    }


def from_sqs(message: dict[str, Any], queue_arn: str) -> dict[str, Any]:
    """An SQS message as a function sees it (developer guide, page with-sqs)."""
    return {
        "messageId": message["MessageId"],
        "receiptHandle": message["ReceiptHandle"],
        "body": message["Body"],
        "attributes": dict(message.get("Attributes", {})),
        "messageAttributes": {
            name: _sqs_attribute(value) for name, value in message.get("MessageAttributes", {}).items()
        },
        "md5OfBody": message["MD5OfBody"],
        "eventSource": "aws:sqs",
        "eventSourceARN": queue_arn,
        "awsRegion": queue_arn.split(":")[3],
    }


def _sqs_attribute(attribute: dict[str, Any]) -> dict[str, Any]:
    shaped: dict[str, Any] = {}
    if "StringValue" in attribute:
        shaped["stringValue"] = attribute["StringValue"]
    if "BinaryValue" in attribute:
        shaped["binaryValue"] = _base64(attribute["BinaryValue"])
    return shaped | {"stringListValues": [], "binaryListValues": [], "dataType": attribute["DataType"]}
