"""Records reach functions in AWS's shapes, whatever GetRecords gives."""

from datetime import UTC, datetime
from typing import Any

from event_source_mapping.records import from_dynamodb, from_kinesis, from_sqs
from event_source_mapping.rehearsal import DATA_STREAM_ARN, QUEUE_ARN, TABLE_STREAM_ARN

MOMENT = datetime(2026, 1, 1, 0, 0, 1, 987_000, tzinfo=UTC)


def dynamodb_record(**changes: Any) -> dict[str, Any]:
    return {
        "eventID": "e" * 32,
        "eventName": "INSERT",
        "eventVersion": "1.1",
        "eventSource": "aws:dynamodb",
        "awsRegion": "eu-west-1",
        "dynamodb": {
            "ApproximateCreationDateTime": MOMENT,
            "Keys": {"id": {"S": "x"}},
            "NewImage": {"id": {"S": "x"}},
            "SequenceNumber": "100",
            "SizeBytes": 6,
            "StreamViewType": "NEW_AND_OLD_IMAGES",
        },
    } | changes


def test_a_tables_record_has_lambdas_keys_in_order_and_whole_seconds() -> None:
    record = from_dynamodb(dynamodb_record(), TABLE_STREAM_ARN)

    assert list(record) == [
        "eventID",
        "eventName",
        "eventVersion",
        "eventSource",
        "awsRegion",
        "dynamodb",
        "eventSourceARN",
    ]
    assert list(record["dynamodb"]) == [
        "ApproximateCreationDateTime",
        "Keys",
        "NewImage",
        "SequenceNumber",
        "SizeBytes",
        "StreamViewType",
    ]
    assert repr(record["dynamodb"]["ApproximateCreationDateTime"]) == "1767225601.0"
    assert record["eventSourceARN"] == TABLE_STREAM_ARN


def test_binary_values_become_base64_at_any_depth() -> None:
    image = {
        "b": {"B": b"foobar"},
        "set": {"BS": [b"foobar"]},
        "deep": {"M": {"list": {"L": [{"B": b"foobar"}, {"N": "42"}, {"NULL": True}]}}},
    }
    change = dynamodb_record()["dynamodb"] | {"NewImage": image}

    record = from_dynamodb(dynamodb_record(dynamodb=change), TABLE_STREAM_ARN)

    assert record["dynamodb"]["NewImage"] == {
        "b": {"B": "Zm9vYmFy"},
        "set": {"BS": ["Zm9vYmFy"]},
        "deep": {"M": {"list": {"L": [{"B": "Zm9vYmFy"}, {"N": "42"}, {"NULL": True}]}}},
    }


def test_the_identity_of_a_ttl_deletion_is_in_lower_case_and_otherwise_absent() -> None:
    identity = {"PrincipalId": "dynamodb.amazonaws.com", "Type": "Service"}

    expired = from_dynamodb(dynamodb_record(userIdentity=identity), TABLE_STREAM_ARN)
    written = from_dynamodb(dynamodb_record(), TABLE_STREAM_ARN)

    assert expired["userIdentity"] == {"principalId": "dynamodb.amazonaws.com", "type": "Service"}
    assert "userIdentity" not in written


def test_a_kinesis_record_has_lambdas_shape_and_no_encryption_type() -> None:
    record = from_kinesis(
        {
            "SequenceNumber": "49",
            "ApproximateArrivalTimestamp": MOMENT,
            "Data": b"hello",
            "PartitionKey": "p",
            "EncryptionType": "NONE",
        },
        DATA_STREAM_ARN,
        "shardId-000000000000",
        "eu-west-1",
        "arn:aws:iam::123456789012:role/r",
    )

    assert record == {
        "kinesis": {
            "kinesisSchemaVersion": "1.0",
            "partitionKey": "p",
            "sequenceNumber": "49",
            "data": "aGVsbG8=",
            "approximateArrivalTimestamp": 1_767_225_601.987,
        },
        "eventSource": "aws:kinesis",
        "eventVersion": "1.0",
        "eventID": "shardId-000000000000:49",
        "eventName": "aws:kinesis:record",
        "invokeIdentityArn": "arn:aws:iam::123456789012:role/r",
        "awsRegion": "eu-west-1",
        "eventSourceARN": DATA_STREAM_ARN,
    }


def test_attributes_of_a_message_are_in_lambdas_case() -> None:
    record = from_sqs(
        {
            "MessageId": "m",
            "ReceiptHandle": "r",
            "Body": "b",
            "MD5OfBody": "5",
            "MessageAttributes": {
                "text": {"StringValue": "t", "DataType": "String"},
                "binary": {"BinaryValue": b"foobar", "DataType": "Binary"},
            },
        },
        QUEUE_ARN,
    )

    lists: dict[str, list[str]] = {"stringListValues": [], "binaryListValues": []}
    assert record["messageAttributes"] == {
        "text": {"stringValue": "t", **lists, "dataType": "String"},
        "binary": {"binaryValue": "Zm9vYmFy", **lists, "dataType": "Binary"},
    }
    assert record["attributes"] == {}
