"""User records out of aggregated Kinesis records, beside the library that AWS publishes for it.

Either side begins with a record as Lambda delivers it and ends with the bytes of the user records. No reader of an
aggregate is faster than its base64 and its MD5, which is what is shown below each size.
"""

import random
import time
from base64 import b64decode, b64encode
from collections.abc import Callable, Sequence
from hashlib import md5
from typing import Any

from aws_kinesis_agg.aggregator import RecordAggregator
from aws_kinesis_agg.deaggregator import deaggregate_records
from pybase64 import b64decode as fast_b64decode

from bench.figures import Figure, Report, nanoseconds
from changestream.wire.kpl import unpack

SIZES = (40, 100, 500, 2_000)
AGGREGATE_BYTES = 51_200  # to which the producer's library fills an aggregate (KPL configuration, AggregationMaxSize)
REPEATS = 20

Record = dict[str, Any]


def measure(report: Report, runs: int) -> None:
    """Computing time per user record of each size, the two sides in turn."""
    figures: list[Figure] = []
    for size in SIZES:
        report.doing(f"user records of {size} B out of aggregates, {runs} times")
        record, count = aggregated(size)
        if ours(record) != theirs(record):
            raise RuntimeError(f"the two sides read different user records of {size} B")
        sides: list[list[float]] = [[], [], []]
        for _ in range(runs):
            for side, read in zip(sides, (ours, theirs, floor), strict=True):
                side.append(seconds(read, record) / count)
        figures += _figures(f"{count:,} user records of {size:,} B", *sides)
    report.part("KPL aggregates, computing time per user record", figures)


def _figures(name: str, ours: Sequence[float], theirs: Sequence[float], floor: Sequence[float]) -> list[Figure]:
    return [
        Figure(name, ours, nanoseconds, theirs, "aws_kinesis_agg", "at most 0.20"),
        Figure("  of which base64 and MD5", floor, nanoseconds, theirs, "aws_kinesis_agg"),
    ]


def aggregated(size: int) -> tuple[Record, int]:
    """A full aggregate of user records of this size, as Lambda delivers it, and how many they are."""
    draw, aggregator = random.Random(size), RecordAggregator()  # noqa: S311 - no secret
    count = AGGREGATE_BYTES // size
    for number in range(count):
        aggregator.add_user_record(f"key-{number % 10}", draw.randbytes(size))
    _, _, data = aggregator.clear_and_get().get_contents()
    kinesis = {
        "kinesisSchemaVersion": "1.0",
        "partitionKey": "a",
        "sequenceNumber": "1",
        "data": b64encode(data).decode(),
        "approximateArrivalTimestamp": 1_767_225_600.0,
    }
    return {"kinesis": kinesis, "eventSource": "aws:kinesis", "eventID": "shardId-000000000000:1"}, count


def ours(record: Record) -> list[bytes]:
    return unpack(fast_b64decode(record["kinesis"]["data"], validate=True)).records


def theirs(record: Record) -> list[bytes]:
    return [b64decode(one["kinesis"]["data"]) for one in deaggregate_records([record])]


def floor(record: Record) -> bytes:
    return md5(fast_b64decode(record["kinesis"]["data"], validate=True), usedforsecurity=False).digest()


def seconds(read: Callable[[Record], object], record: Record) -> float:
    """Computing time of one reading."""
    began = time.process_time()
    for _ in range(REPEATS):
        read(record)
    return (time.process_time() - began) / REPEATS
