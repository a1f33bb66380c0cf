"""The event source mappings that read the streams and the queue of failed batches, with how far each is behind."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from streamctl.reading.streams import streams_of
from streamctl.scope import foreign_mappings, source_of
from streamctl.stack import Stack
from streamctl.words import instant

FAILED = "failed"
"""Stands for the queue of failed batches among the sources."""

ENABLED, DISABLED = "Enabled", "Disabled"
"""States of a mapping that lasts in it (API reference, ``EventSourceMappingConfiguration``)."""


def mappings(stack: Stack) -> list[dict[str, Any]]:
    """Return every mapping of the stack's streams and queue, those of strangers too: they are readers beside ours.

    Of recovery alone, the mappings of streams are those of the functions that it may invoke.
    """
    streams = {stream.arn: stream.name for stream in streams_of(stack)}
    queue = arn_of_queue(stack, "FailedBatchesQueueUrl")
    sources = streams | {queue: FAILED}
    listed = [*_of_streams(stack, streams), *_of_source(stack, {queue})]
    found = [_state(stack, each, sources[source_of(each)]) for each in listed]
    order = list(sources.values())
    return sorted(found, key=lambda each: (order.index(each["source"]), each["function"]))


def add_hours_left(found: list[dict[str, Any]], retention_hours: Mapping[str, float], now: float) -> None:
    """Add ``hoursLeft`` to disabled mappings: the time until their source may delete a record that they have not read.

    Records that came after the mapping was disabled are kept for the source's whole retention, so this is the least
    time that is left. Records that it had not read by then may be deleted earlier, by its lag at that moment.
    """
    for each in found:
        retention = retention_hours.get(each["source"])
        if each["disabledSince"] is not None and retention is not None:
            since = datetime.fromisoformat(each["disabledSince"]).timestamp()
            each["hoursLeft"] = round(max(0.0, retention - (now - since) / 3600), 1)


def arn_of_queue(stack: Stack, output: str) -> str:
    """Return the ARN of a queue whose URL is an output."""
    attributes = stack.client("sqs").get_queue_attributes(QueueUrl=stack.output(output), AttributeNames=["QueueArn"])
    return str(attributes["Attributes"]["QueueArn"])


def short_name(stack: Stack, function: str) -> str:
    """Return what the template calls a function of the stack, ``CountTasks``; of any other, its name as it is."""
    return stack.functions.get(function, function)


def _of_streams(stack: Stack, arns: Collection[str]) -> list[dict[str, Any]]:
    return foreign_mappings(stack) if stack.is_recovery_alone else _of_source(stack, arns)


def _of_source(stack: Stack, arns: Collection[str]) -> list[dict[str, Any]]:
    return [each for each in stack.event_source_mappings if source_of(each) in arns]


def _disabled_since(mapping: dict[str, Any]) -> str | None:
    """Return when a mapping was disabled: it reads nothing, so nothing else has changed it since."""
    changed = mapping.get("LastModified")
    return instant(changed.timestamp()) if changed is not None and mapping["State"] == DISABLED else None


def _state(stack: Stack, mapping: dict[str, Any], source: str) -> dict[str, Any]:
    function = mapping["FunctionArn"].split(":")[6]
    return {
        "source": source,
        "function": short_name(stack, function),
        "functionName": function,
        "uuid": mapping["UUID"],
        "state": mapping["State"],
        "lastResult": mapping.get("LastProcessingResult"),
        "lagSeconds": None,
        "lagGrowing": None,
        "recentFailures": None,
        "maximumRecordAgeSeconds": mapping.get("MaximumRecordAgeInSeconds"),
        "disabledSince": _disabled_since(mapping),
        "hoursLeft": None,
    }
