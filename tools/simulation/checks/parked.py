"""What is parked in the end, as it was delivered, gaps that are real, and what recovery delivered: no strangers."""

import json
from base64 import b64decode
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from domain.contents import CONTENTS
from event_source_mapping.memory import MemoryTableStream
from event_source_mapping.records import from_dynamodb, from_kinesis
from simulation.checks.foreign import is_refused
from simulation.checks.violation import Violation
from simulation.foreign.stack import FUNCTION
from simulation.functions import FunctionSettings
from simulation.streams import WatchedStream
from simulation.world import RECOVERY, World
from tasks.task import is_task
from verification.changes import number_of
from verification.parked import ParkedPayload


def check(world: World) -> Iterator[Violation]:
    """Yield what is wrong in the parking lot, and in what went in and out of it."""
    by_arn = {settings.arn: settings for settings in world.stack.functions.values()}
    for one in world.parked():
        settings = by_arn.get(str(one.manifest.get("functionArn")))
        if settings is None:
            yield Violation(RECOVERY, one.key, f"is parked for no function: {one.manifest['message']}")
        elif one.payload is None:
            yield from _gap(world.stream_of(settings.name), settings.name, one)
        else:
            yield from _held(world.stream_of(settings.name), settings, one)
    yield from _strangers(world)


def unfinished(world: World) -> list[str]:
    """Return the keys of what is parked and wants nobody's correction: a redrive has to settle it."""
    name_of = {settings.arn: settings.name for settings in world.stack.functions.values()}
    return [
        one.key
        for one in world.parked()
        if one.payload is not None and _is_unfinished(name_of.get(str(one.manifest.get("functionArn")), ""), one)
    ]


def _is_unfinished(function: str, one: ParkedPayload) -> bool:
    if function == FUNCTION:
        return not all(is_refused(record) for record in one.records)
    return one.reason != "poison" or (function in CONTENTS and not CONTENTS[function].has_poison)


def _held(stream: WatchedStream, settings: FunctionSettings, one: ParkedPayload) -> Iterator[Violation]:
    if _is_unfinished(settings.name, one):
        told = f"is still parked as {one.reason}: {one.manifest['message']}"
        yield Violation(settings.name, one.key, told, tuple(one.numbers))
    for record in one.records:
        number = number_of(record)
        keys = _keys(record)
        if keys is not None and settings.name != FUNCTION and not is_task(keys):
            yield Violation(settings.name, one.key, f"{number} is parked, and its item is not a task", (number,))
        if record not in _as_delivered(stream, settings, number):
            yield Violation(settings.name, one.key, f"{number} is not parked as it was delivered", (number,))


def _keys(record: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """Return the keys of the item that a record is about; `None` for a record of the ledger."""
    body = record
    if "kinesis" in record:
        try:
            body = json.loads(b64decode(record["kinesis"]["data"]))
        except ValueError:
            return None
    found: Mapping[str, Any] = body["dynamodb"]["Keys"]
    return found


def _as_delivered(stream: WatchedStream, settings: FunctionSettings, number: str) -> list[Mapping[str, Any]]:
    """Return the record as a mapping delivers it, by the engine's own shapes.

    Recovery leaves the role's name empty where Lambda does not let it ask, or the stream is about to trim and it does
    not wait for the answer: no function looks at it.
    """
    body, arn = stream.bodies[number], stream.stream.arn
    if isinstance(stream.stream, MemoryTableStream):
        return [from_dynamodb(body, arn)]
    shard_id, region = stream.shard_of[number], arn.split(":")[3]
    return [from_kinesis(body, arn, shard_id, region, role_arn) for role_arn in (settings.role_arn, "")]


def _gap(stream: WatchedStream, function: str, one: ParkedPayload) -> Iterator[Violation]:
    """A gap is only reported where something of it has been trimmed by then."""
    manifest = one.manifest
    first, last = int(manifest["startSequenceNumber"]), int(manifest["endSequenceNumber"])
    horizon = datetime.fromisoformat(manifest["parkedAt"]).timestamp() - stream.store.limits.retention
    within = [
        number
        for number, shard_id in stream.shard_of.items()
        if shard_id == manifest["shardId"] and first <= int(number) <= last
    ]
    if not any(stream.arrival_of[number] <= horizon for number in within):
        yield Violation(function, one.key, f"reported as {one.reason}, and nothing of it was trimmed", tuple(within))


def _strangers(world: World) -> Iterator[Violation]:
    """Recovery delivers what it was told to bring back, and not one record more."""
    by_name = {settings.name: settings.arn for settings in world.stack.functions.values()}
    for delivery in world.deliveries.all:
        if delivery.by != RECOVERY:
            continue
        ranges = world.deliveries.ranges[by_name[delivery.function]]
        shard_of = world.stream_of(delivery.function).shard_of
        for number in delivery.numbers:
            shard_id = shard_of[number]
            if not any(shard_id == shard and first <= int(number) <= last for shard, first, last in ranges):
                yield Violation(
                    delivery.function, number, "is delivered by recovery, and was never given up", (number,)
                )
