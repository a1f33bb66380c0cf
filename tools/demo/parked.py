"""What is parked, and its redrive."""

import json
from base64 import b64decode
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from changestream.wire import parked_object
from demo.runtime import ServedStack
from domain.tasks import Item


@dataclass(frozen=True, slots=True)
class ParkedPayload:
    """An object of the parking lot."""

    key: str
    manifest: dict[str, Any]
    payload: dict[str, Any] | None

    @property
    def records(self) -> Sequence[dict[str, Any]]:
        """The records in it; none where the payload could not be had."""
        return self.payload["Records"] if self.payload else ()

    def new_images(self) -> list[Item | None]:
        """The items that the records in it wrote, as boto3 would read them."""
        bodies = [
            record if "dynamodb" in record else json.loads(b64decode(record["kinesis"]["data"]))
            for record in self.records
        ]
        return [body["dynamodb"].get("NewImage") for body in bodies]

    @property
    def function(self) -> str:
        """The name of the function that it was parked for."""
        return str(self.manifest["functionArn"]).split(":")[6]

    @property
    def reason(self) -> str:
        """Why it is parked, in one word."""
        return str(self.manifest["reason"])

    @property
    def message(self) -> str:
        """Why it is parked, in the function's words."""
        return str(self.manifest["message"])


def read_all(runtime: ServedStack) -> list[ParkedPayload]:
    """Return every parked object."""
    client, bucket = runtime.client("s3"), runtime.outputs["ParkedRecordsBucketName"]
    pages = client.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=parked_object.PREFIX)
    keys = [entry["Key"] for page in pages for entry in page.get("Contents", ())]
    return [_read(client, bucket, key) for key in keys]


def redrive(runtime: ServedStack) -> dict[str, Any]:
    """Have redrive_parked deliver again, at once, whatever is parked, and return its report."""
    request = json.dumps({"prefix": parked_object.PREFIX}).encode()
    answer = runtime.client("lambda").invoke(FunctionName=runtime.outputs["RedriveParkedFunctionName"], Payload=request)
    report: dict[str, Any] = json.load(answer["Payload"])
    return report


def _read(client: Any, bucket: str, key: str) -> ParkedPayload:
    manifest, payload = parked_object.read(client.get_object(Bucket=bucket, Key=key)["Body"].read().decode())
    return ParkedPayload(key, manifest, payload)
