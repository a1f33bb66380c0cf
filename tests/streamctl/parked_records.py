"""Objects in the parking lot of the deployed stack."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

from builders import function_arn
from changestream.core.failed_batch import FailedBatch, Parked, ParkReason, StreamKind
from changestream.recovery.record_source import sequence_number
from changestream.wire import parked_object

from .world import Deployed, Said

Json = dict[str, Any]


class ParkingLot:
    """Objects of one day that no other test has: ``day`` is theirs."""

    _days = iter(range(1, 1000))

    def __init__(self, deployed: Deployed) -> None:
        self.deployed = deployed
        self.day = str((datetime(2020, 1, 1, tzinfo=UTC) + timedelta(days=next(self._days))).date())
        self.bucket = deployed.outputs["ParkedRecordsBucketName"]
        self.client = deployed.client("s3")

    def park(
        self,
        *records: Json,
        function: str = "CountTasks",
        reason: ParkReason = ParkReason.POISON,
        message: str = "task without status",
        stream_arn: str | None = None,
        **redrive: Any,
    ) -> str:
        """Park records for a function of the stack, an hour ago; return the key."""
        kind = StreamKind.DYNAMODB if "dynamodb" in records[0] else StreamKind.KINESIS
        stream = "TasksTableStreamArn" if kind is StreamKind.DYNAMODB else "ChangeStreamArn"
        first, last = sequence_number(records[0]), sequence_number(records[-1])
        batch = FailedBatch(
            function_arn=function_arn(self.deployed.outputs[f"{function}FunctionName"]),
            kind=kind,
            stream_arn=stream_arn or self.deployed.outputs[stream],
            shard_id=f"shardId-{uuid4().hex[:12]}",
            start=first,
            end=last,
            batch_size=len(records),
            first_arrival=f"{self.day}T00:00:00.000Z",
            last_arrival=f"{self.day}T00:00:01.000Z",
            condition="RetryAttemptsExhausted",
            invoke_count=4,
            request_id="request",
            discarded_at=f"{self.day}T00:01:00.000Z",
        )
        parked = Parked(reason, message, 1, first, last, records)
        key = parked_object.key_of(batch, parked)
        hour_ago = (datetime.now(UTC) - timedelta(hours=1)).isoformat(timespec="milliseconds")
        document = json.loads(parked_object.document(batch, parked, hour_ago))
        document["manifest"] |= {"redrive": redrive} if redrive else {}
        self.put(key, json.dumps(document).encode())
        return key

    def put(self, key: str, body: bytes) -> None:
        self.client.put_object(Bucket=self.bucket, Key=key, Body=body)

    def keys(self, prefix: str) -> Sequence[str]:
        """The keys of the day below a prefix."""
        listed = self.client.list_objects_v2(Bucket=self.bucket, Prefix=prefix).get("Contents", ())
        return [entry["Key"] for entry in listed if self.day.replace("-", "/") in entry["Key"]]

    def clear(self) -> None:
        """Remove what is left: other tests count what is parked."""
        for key in (*self.keys("parked/"), *self.keys("discarded/")):
            self.client.delete_object(Bucket=self.bucket, Key=key)

    def document(self, key: str) -> Json:
        found: Json = json.load(self.client.get_object(Bucket=self.bucket, Key=key)["Body"])
        return found

    def streamctl(self, *arguments: str) -> Said:
        return self.deployed.streamctl(*arguments)
