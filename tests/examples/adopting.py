"""The deployed recovery stack, by its outputs alone, and what an operator does with it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.request import Request, urlopen

from deploy.conftest import client
from deploy.processes import eventually

ACCOUNT_ID = "123456789012"
PATIENCE_SECONDS = 120


class Recovery:
    """The recovery stack at an endpoint."""

    def __init__(self, endpoint: str, outputs: dict[str, str]) -> None:
        self.endpoint = endpoint
        self.queue_arn = outputs["FailedBatchesQueueArn"]
        self._outputs = outputs

    @contextmanager
    def paused(self) -> Iterator[None]:
        """Leave failed batches on their queue until the block ends."""
        functions, name = self.client("lambda"), self._outputs["RecoverBatchesFunctionName"]
        (mapping,) = functions.list_event_source_mappings(FunctionName=name)["EventSourceMappings"]

        def switch(enabled: bool, state: str) -> None:
            functions.update_event_source_mapping(UUID=mapping["UUID"], Enabled=enabled)
            until(lambda: functions.get_event_source_mapping(UUID=mapping["UUID"])["State"] == state)

        switch(False, "Disabled")
        try:
            yield
        finally:
            switch(True, "Enabled")

    def waiting(self) -> int:
        """Return how many failed batches are on the queue."""
        attributes = self.client("sqs").get_queue_attributes(
            QueueUrl=self._outputs["FailedBatchesQueueUrl"], AttributeNames=["All"]
        )["Attributes"]
        return sum(int(value) for name, value in attributes.items() if name.startswith("ApproximateNumber"))

    def parked(self) -> list[dict[str, Any]]:
        """Return the parked objects: manifest and payload."""
        store, bucket = self.client("s3"), self._outputs["ParkedRecordsBucketName"]
        listed = store.list_objects_v2(Bucket=bucket, Prefix="parked/").get("Contents", [])
        return [json.load(store.get_object(Bucket=bucket, Key=each["Key"])["Body"]) for each in listed]

    def redrive(self) -> dict[str, Any]:
        """Have everything parked delivered again now; return what became of it."""
        answer = self.client("lambda").invoke(
            FunctionName=self._outputs["RedriveParkedFunctionName"], Payload=json.dumps({"prefix": "parked/"})
        )
        report: dict[str, Any] = json.load(answer["Payload"])
        return report

    @contextmanager
    def refused(self, service: str, operation: str, resource: str) -> Iterator[None]:
        """Have the endpoint refuse an operation until the block ends."""
        refusal = {"service": service, "operation": operation, "resource": resource, "seconds": 3600}
        refusal["error"] = "ProvisionedThroughputExceededException"
        self._control("POST", refusal)
        try:
            yield
        finally:
            self._control("DELETE")

    def client(self, service: str) -> Any:
        return client(service, self.endpoint)

    def _control(self, method: str, body: Any = None) -> None:
        data = None if body is None else json.dumps(body).encode()
        request = Request(f"{self.endpoint}/_local/refusals", data, {"Content-Type": "application/json"}, method=method)
        with urlopen(request) as answer:
            answer.read()


def until(condition: Any) -> None:
    """Wait for a condition."""
    eventually(condition, PATIENCE_SECONDS, str(condition))
