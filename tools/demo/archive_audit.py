"""The audit of the archive, and of the bucket through which its failed batches go."""

from collections import defaultdict
from collections.abc import Collection
from typing import Any

from changestream.core.failed_batch import Damaged
from changestream.wire.attribute_values import to_boto3
from changestream.wire.failure_message import kept_batch
from changestream.wire.lambda_event import table_stream_record
from changestream.wire.stored_images import images_of
from demo.audit import Finding
from demo.runtime import ServedStack
from demo.truth import TableTruth, key_of, scan
from domain.tasks import Item, Key

Deletion = tuple[int, Item]
"""A deletion's sequence number, and the item as it last was."""


def audit_archive(runtime: ServedStack, truth: TableTruth, left_to_expire: Collection[Key]) -> Finding:
    """Compare the rows of every task with its deletions by TTL: each once, with its last image, and no others.

    ``left_to_expire`` are the tasks that were written to end so, once each: what the stream says is not taken on trust.
    """
    archived: defaultdict[Key, list[Deletion]] = defaultdict(list)
    for row in scan(runtime, "ArchivedTasksTableName"):
        archived[key_of(row)].append((int(row["position"]["S"]), to_boto3(images_of(row, ["image"])["image"])))
    expired = {
        key: [
            (int(record["dynamodb"]["SequenceNumber"]), record["dynamodb"]["OldImage"])
            for record in records
            if record.get("userIdentity", {}).get("Type") == "Service"
        ]
        for key, records in truth.changes.items()
    }
    differences = [
        f"{'/'.join(key)}: {len(archived[key])} rows archived, {len(expired.get(key, ()))} deletions by TTL"
        for key in sorted({*archived, *expired})
        if sorted(archived[key], key=_number) != expired.get(key, [])
    ]
    differences += [
        f"{'/'.join(key)}: left to expire, deleted by TTL {len(expired.get(key, ()))} times"
        for key in left_to_expire
        if len(expired.get(key, ())) != 1
    ]
    return Finding("ArchivedTasksTable, per deletion", sum(map(len, expired.values())), differences)


def audit_failed_batches(runtime: ServedStack, truth: TableTruth) -> Finding:
    """Compare what the mapping of the archive gave up, record by record, with the stream and with the archive."""
    client, bucket = runtime.client("s3"), runtime.outputs["FailedBatchesBucketName"]
    stream_arn = runtime.outputs["TasksTableStreamArn"]
    happened = {
        record["eventID"]: table_stream_record(record, stream_arn)
        for records in truth.changes.values()
        for record in records
    }
    archived = {row["eventId"]["S"] for row in scan(runtime, "ArchivedTasksTableName")}
    kept, differences = 0, []
    for page in client.get_paginator("list_objects_v2").paginate(Bucket=bucket):
        for entry in page.get("Contents", ()):
            for record in _payload(client, bucket, entry["Key"]):
                kept += 1
                event_id = record.get("eventID", "")
                if happened.get(event_id) != record or event_id not in archived:
                    differences.append(f"{entry['Key']}: {event_id} is not what happened, or is not archived")
    return Finding("FailedBatchesBucket, per record", kept, differences)


def _payload(client: Any, bucket: str, key: str) -> Collection[Any]:
    payload = kept_batch(client.get_object(Bucket=bucket, Key=key)["Body"].read().decode()).payload
    return [{"damaged": key}] if payload is None or isinstance(payload, Damaged) else payload


def _number(deletion: Deletion) -> int:
    return deletion[0]
