"""Wire documents for tests: everything that AWS would say, of which a test names only what matters to it."""

import json
from base64 import b64encode
from hashlib import md5
from typing import Any
from urllib.parse import quote_plus

ACCOUNT = "123456789012"
REGION = "eu-west-1"
TABLE = "Tasks"
TABLE_STREAM_ARN = f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/{TABLE}/stream/2026-01-01T00:00:00.000"
CHANGE_STREAM_ARN = f"arn:aws:kinesis:{REGION}:{ACCOUNT}:stream/Changes"
ROLE_ARN = f"arn:aws:iam::{ACCOUNT}:role/consumer"
TABLE_SHARD = "shardId-00000001573689847184-864758bb"
CHANGE_SHARD = "shardId-000000000000"
MOMENT = 1_767_225_600
TIME_TO_LIVE = {"principalId": "dynamodb.amazonaws.com", "type": "Service"}

Json = dict[str, Any]


def sequence_number(n: int) -> str:
    """A DynamoDB Streams sequence number; the n-th of a shard."""
    return str(100_000_000_000_000_000_000 + n)


def task(
    task_id: str = "task-1", list_id: str = "list-1", status: str | Json | None = "open", **attributes: Json | None
) -> Json:
    """The item of a task; ``attributes`` adds or replaces, ``None`` as value removes."""
    item: Json = {
        "listId": {"S": list_id},
        "taskId": {"S": task_id},
        "description": {"S": "buy milk"},
        "status": {"S": status} if isinstance(status, str) else status,
        "createdDate": {"S": "2026-01-01T00:00:00+00:00"},
    } | attributes
    return {name: value for name, value in item.items() if value is not None}


def nested_maps(levels: int) -> Json:
    """An attribute value of so many maps in one another."""
    value: Json = {"S": "x"}
    for _ in range(levels):
        value = {"M": {"k": value}}
    return value


def keys_of(item: Json) -> Json:
    return {"listId": item["listId"], "taskId": item["taskId"]}


def images(old: Json | None, new: Json | None) -> tuple[str, Json]:
    name = "MODIFY" if old and new else "INSERT" if new else "REMOVE"
    body: Json = {"Keys": keys_of(new or old or {})}
    body |= {"NewImage": new} if new else {}
    body |= {"OldImage": old} if old else {}
    return name, body


def table_record(n: int, new: Json | None = None, old: Json | None = None, identity: Json | None = None) -> Json:
    """A DynamoDB Streams record as Lambda delivers it."""
    name, body = images(old, new)
    record: Json = {
        "eventID": f"{n:032x}",
        "eventName": name,
        "eventVersion": "1.1",
        "eventSource": "aws:dynamodb",
        "awsRegion": REGION,
        "dynamodb": {
            "ApproximateCreationDateTime": float(MOMENT + n),
            **body,
            "SequenceNumber": sequence_number(n),
            "SizeBytes": 100,
            "StreamViewType": "NEW_AND_OLD_IMAGES",
        },
        "eventSourceARN": TABLE_STREAM_ARN,
    }
    return record | ({"userIdentity": identity} if identity else {})


def capture(at: int, new: Json | None = None, old: Json | None = None, **replaced: Any) -> Json:
    """What Kinesis Data Streams for DynamoDB puts into a record; ``at`` counts microseconds."""
    name, body = images(old, new)
    return {
        "awsRegion": REGION,
        "eventID": f"event-{at}",
        "eventName": name,
        "userIdentity": None,
        "recordFormat": "application/json",
        "tableName": TABLE,
        "dynamodb": {
            "ApproximateCreationDateTime": MOMENT * 1_000_000 + at,
            "ApproximateCreationDateTimePrecision": "MICROSECOND",
            **body,
            "SizeBytes": 100,
        },
        "eventSource": "aws:dynamodb",
    } | replaced


def kinesis_record(n: int, data: Json | bytes) -> Json:
    """A Kinesis record as Lambda delivers it."""
    raw = data if isinstance(data, bytes) else json.dumps(data).encode()
    return {
        "kinesis": {
            "kinesisSchemaVersion": "1.0",
            "partitionKey": "A" * 32,
            "sequenceNumber": sequence_number(n),
            "data": b64encode(raw).decode(),
            "approximateArrivalTimestamp": MOMENT + n / 1000,
        },
        "eventSource": "aws:kinesis",
        "eventVersion": "1.0",
        "eventID": f"{CHANGE_SHARD}:{sequence_number(n)}",
        "eventName": "aws:kinesis:record",
        "invokeIdentityArn": ROLE_ARN,
        "awsRegion": REGION,
        "eventSourceARN": CHANGE_STREAM_ARN,
    }


def function_arn(name: str) -> str:
    return f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:{name}"


def failure_message(
    start: str,
    end: str,
    *,
    function: str = "count_tasks",
    info: str = "DDBStreamBatchInfo",
    stream_arn: str = TABLE_STREAM_ARN,
    shard_id: str = TABLE_SHARD,
    batch_size: int = 1,
    timestamp: str = "2026-01-01T00:01:00.000Z",
    arrived: str = "2026-01-01T00:00:01",
) -> Json:
    """An on-failure message as a mapping sends it; ``arrived`` is when its records came, to the second."""
    fraction = "" if info == "DDBStreamBatchInfo" else ".000"
    return {
        "requestContext": {
            "requestId": "c9b8fa9f-5a7f-xmpl-af9c-0c604cde93a5",
            "functionArn": function_arn(function),
            "condition": "RetryAttemptsExhausted",
            "approximateInvokeCount": 4,
        },
        "responseContext": {"statusCode": 200, "executedVersion": "$LATEST", "functionError": None},
        "version": "1.0",
        "timestamp": timestamp,
        info: {
            "shardId": shard_id,
            "startSequenceNumber": start,
            "endSequenceNumber": end,
            "approximateArrivalOfFirstRecord": f"{arrived}{fraction}Z",
            "approximateArrivalOfLastRecord": f"{arrived}{fraction}Z",
            "batchSize": batch_size,
            "streamArn": stream_arn,
        },
    }


def notification(message: str) -> Json:
    """A notification of SNS, as a queue gets it without raw delivery."""
    topic = f"arn:aws:sns:{REGION}:{ACCOUNT}:FailedBatches"
    return {
        "Type": "Notification",
        "MessageId": "22b80b92-fdea-xmpl-ad07-97f7eb0b1be4",
        "TopicArn": topic,
        "Message": message,
        "Timestamp": "2026-01-01T00:01:00.500Z",
        "SignatureVersion": "1",
        "Signature": "EXAMPLE",
        "SigningCertURL": f"https://sns.{REGION}.amazonaws.com/SimpleNotificationService-0000.pem",
        "UnsubscribeURL": f"https://sns.{REGION}.amazonaws.com/?Action=Unsubscribe&SubscriptionArn={topic}:2bcf",
    }


def object_created(bucket: str, *keys: str, version: str | None = None) -> Json:
    """S3's notification of objects that were created, their keys as S3 encodes them."""
    return {"Records": [_object_created(bucket, key, version) for key in keys]}


def _object_created(bucket: str, key: str, version: str | None) -> Json:
    return {
        "eventVersion": "2.1",
        "eventSource": "aws:s3",
        "awsRegion": REGION,
        "eventTime": "2026-01-01T00:01:00.000Z",
        "eventName": "ObjectCreated:Put",
        "userIdentity": {"principalId": "AWS:AROAEXAMPLE:archive_tasks"},
        "requestParameters": {"sourceIPAddress": "192.0.2.1"},
        "responseElements": {"x-amz-request-id": "C3D13FE58DE4C810", "x-amz-id-2": "EXAMPLE"},
        "s3": {
            "s3SchemaVersion": "1.0",
            "configurationId": "FailedBatches",
            "bucket": {
                "name": bucket,
                "ownerIdentity": {"principalId": "A3NL1KOZZKExample"},
                "arn": f"arn:aws:s3:::{bucket}",
            },
            "object": {
                "key": quote_plus(key),
                "size": 1024,
                "eTag": "d41d8cd98f00b204",
                "sequencer": "0055AED6DCD90281E5",
            }
            | ({"versionId": version} if version else {}),
        },
    }


def bridged_creation(bucket: str, key: str) -> Json:
    """The same as an event of EventBridge, which leaves the key as it is."""
    return {
        "version": "0",
        "id": "17793124-05d4-xmpl-2fde-7ededc63b103",
        "detail-type": "Object Created",
        "source": "aws.s3",
        "account": ACCOUNT,
        "time": "2026-01-01T00:01:00Z",
        "region": REGION,
        "resources": [f"arn:aws:s3:::{bucket}"],
        "detail": {
            "version": "0",
            "bucket": {"name": bucket},
            "object": {"key": key, "size": 1024, "etag": "d41d8cd98f00b204", "sequencer": "0055AED6DCD90281E5"},
            "request-id": "N4N7GDK58NMKJ12R",
            "requester": ACCOUNT,
            "source-ip-address": "192.0.2.1",
            "reason": "PutObject",
        },
    }


TEST_EVENT: Json = {
    "Service": "Amazon S3",
    "Event": "s3:TestEvent",
    "Time": "2026-01-01T00:00:00.000Z",
    "Bucket": "failed-batches",
    "RequestId": "5582815E1AEA5ADF",
    "HostId": "8cLeGAmw098X5cv4Zkwcmo8vvZa3eH3eKxsPzbB9wrR+YstdA6Knx4Ip8EXAMPLE",
}
"""What S3 sends to a destination that it is told of."""


def queue_message(body: Json | str, message_id: str = "message-1", received: int = 1) -> Json:
    """A queue message as Lambda delivers it."""
    text = body if isinstance(body, str) else json.dumps(body)
    return {
        "messageId": message_id,
        "receiptHandle": f"handle-of-{message_id}",
        "body": text,
        "attributes": {
            "ApproximateReceiveCount": str(received),
            "SentTimestamp": str(MOMENT * 1000),
            "SenderId": "AROAEXAMPLE:changestream",
            "ApproximateFirstReceiveTimestamp": str(MOMENT * 1000 + 20),
        },
        "messageAttributes": {},
        "md5OfBody": md5(text.encode(), usedforsecurity=False).hexdigest(),
        "eventSource": "aws:sqs",
        "eventSourceARN": f"arn:aws:sqs:{REGION}:{ACCOUNT}:FailedBatches",
        "awsRegion": REGION,
    }
