"""What is parked, and its redrive."""

import json
from typing import Any

from changestream.wire import parked_object
from demo.runtime import ServedStack
from verification.parked import ParkedPayload, read


def read_all(runtime: ServedStack) -> list[ParkedPayload]:
    """Return every parked object."""
    client, bucket = runtime.client("s3"), runtime.outputs["ParkedRecordsBucketName"]
    pages = client.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=parked_object.PREFIX)
    keys = [entry["Key"] for page in pages for entry in page.get("Contents", ())]
    return [read(key, client.get_object(Bucket=bucket, Key=key)["Body"].read()) for key in keys]


def redrive(runtime: ServedStack) -> dict[str, Any]:
    """Have redrive_parked deliver again, at once, whatever is parked, and return its report."""
    request = json.dumps({"prefix": parked_object.PREFIX}).encode()
    answer = runtime.client("lambda").invoke(FunctionName=runtime.outputs["RedriveParkedFunctionName"], Payload=request)
    report: dict[str, Any] = json.load(answer["Payload"])
    return report
