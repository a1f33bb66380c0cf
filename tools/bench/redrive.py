"""Parked objects redriven against the local endpoint, and the same calls made one after another."""

import json
import time
import uuid
from collections.abc import Sequence
from typing import Any

from bench.consumer import ServedConsumer, consumer
from bench.figures import Figure, Report, seconds
from bench.servers import ACCOUNT_ID, Server, local_endpoint
from changestream.core.deadline import Deadline
from changestream.core.redrive import RedriveRounds
from changestream.recovery.consumers import Consumers
from changestream.recovery.parked_records import ParkedRecords
from changestream.recovery.redrive import Redrive
from isolation.environment import REGION

TIME_OUT_SECONDS = 60
PATIENCE_SECONDS = 900
PARKED_AT = "2026-11-21T06:00:00.000Z"


def measure(report: Report, objects: int, runs: int) -> None:
    """The time in which objects of different items, one record each, are delivered and removed."""
    redriven: list[float] = []
    one_by_one: list[float] = []
    with local_endpoint() as server, consumer(server) as measured:
        for run in range(runs):
            report.doing(f"{objects:,} parked objects, redriven and one by one, run {run + 1} of {runs}")
            redriven.append(redrive_all(server, measured, objects))
            one_by_one.append(deliver_one_by_one(server, measured, objects))
    figure = Figure(
        f"{objects:,} objects, one record each",
        redriven,
        seconds,
        one_by_one,
        "the same calls one after another",
        "1,000 in under a minute",
    )
    report.part("Redrive of a prefix against the local endpoint", [figure])


def redrive_all(server: Server, measured: ServedConsumer, objects: int) -> float:
    """Return the seconds that a redrive of so many objects takes. Raise ``RuntimeError`` if one of them remains."""
    s3, bucket, documents = server.client("s3"), _bucket(server), _documents(measured, objects)
    for key, document in documents:
        s3.put_object(Bucket=bucket, Key=key, Body=document)
    records = ParkedRecords(s3, bucket)
    consumers = Consumers((_function_arn(measured),), TIME_OUT_SECONDS)
    redrive = Redrive(records, server.client("lambda"), consumers, RedriveRounds(), time.time, "bench")
    began = time.monotonic()
    report = redrive.run(records.keys("parked/"), Deadline(lambda: PATIENCE_SECONDS, 0), asked_for=True)
    took = time.monotonic() - began
    if report.applied != objects:
        reasons = sorted(set(report.kept.values()))
        raise RuntimeError(f"{objects - report.applied} of {objects} parked objects were not redriven: {reasons[:3]}")
    return took


def deliver_one_by_one(server: Server, measured: ServedConsumer, objects: int) -> float:
    """Return the seconds of the calls that a redrive makes for each object: read, lease, invoke, remove."""
    s3, functions, bucket = server.client("s3"), server.client("lambda"), _bucket(server)
    documents = _documents(measured, objects)
    for key, document in documents:
        s3.put_object(Bucket=bucket, Key=key, Body=document)
    began = time.monotonic()
    for key, document in documents:
        s3.get_object(Bucket=bucket, Key=key)["Body"].read()
        s3.put_object(Bucket=bucket, Key=key, Body=document)
        payload = json.dumps(json.loads(document)["payload"]).encode()
        functions.invoke(FunctionName=measured.name, Payload=payload)["Payload"].read()
        s3.delete_object(Bucket=bucket, Key=key)
    return time.monotonic() - began


def _bucket(server: Server) -> str:
    name = f"parked-{uuid.uuid4().hex[:8]}"
    server.client("s3").create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": REGION})
    return name


def _documents(measured: ServedConsumer, objects: int) -> Sequence[tuple[str, bytes]]:
    """Return (key, document) of objects as recovery parks them, each with the change of an item of its own."""
    return [_document(measured, 10**20 + number) for number in range(objects)]


def _document(measured: ServedConsumer, number: int) -> tuple[str, bytes]:
    stream_arn = f"arn:aws:dynamodb:{REGION}:{ACCOUNT_ID}:table/bench/stream/2026-11-21T06:00:00.000"
    manifest = {
        "version": 1,
        "reason": "crash",
        "message": "bench",
        "functionArn": _function_arn(measured),
        "streamArn": stream_arn,
        "shardId": "shardId-0",
        "startSequenceNumber": str(number),
        "endSequenceNumber": str(number),
        "records": 1,
        "attempts": 1,
        "parkedAt": PARKED_AT,
        "firstFailedAt": PARKED_AT,
        "lastFailedAt": PARKED_AT,
    }
    document = {"manifest": manifest, "payload": {"Records": [_record(stream_arn, number)]}}
    return f"parked/{measured.name}/2026/11/21/shardId-0/{number}-{number}.json", json.dumps(document).encode()


def _function_arn(measured: ServedConsumer) -> str:
    return f"arn:aws:lambda:{REGION}:{ACCOUNT_ID}:function:{measured.name}"


def _record(stream_arn: str, number: int) -> dict[str, Any]:
    return {
        "eventID": str(number),
        "eventName": "REMOVE",
        "eventSource": "aws:dynamodb",
        "eventSourceARN": stream_arn,
        "dynamodb": {
            "Keys": {"id": {"S": f"item-{number}"}},
            "SequenceNumber": str(number),
            "SizeBytes": 40,
            "StreamViewType": "NEW_AND_OLD_IMAGES",
        },
    }
