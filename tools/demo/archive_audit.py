"""The audit of the bucket through which the failed batches of a mapping go."""

from collections.abc import Collection
from typing import Any

from changestream.core.failed_batch import Damaged
from changestream.wire.failure_message import kept_batch
from demo.audit import Finding
from demo.feeds import Feeds
from demo.runtime import ServedStack
from verification.subject import ViewSubject


def audit_failed_batches(runtime: ServedStack, feeds: Feeds, subject: ViewSubject) -> Finding:
    """Compare what the mapping of the archive gave up, record by record, with the stream and with the archive."""
    client, bucket = runtime.client("s3"), runtime.outputs["FailedBatchesBucketName"]
    happened = {record["eventID"]: record for record in feeds.records(subject.consumer)}
    archived = {row["eventId"]["S"] for row in subject.view.rows}
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
