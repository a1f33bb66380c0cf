"""The event source mappings that read the stack's streams and its queue, with how far each is behind."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from streamctl.reading.streams import StreamName, stream_of
from streamctl.stack import Stack
from streamctl.words import instant

FAILED = "failed"
"""Stands for the queue of failed batches among the sources."""

ENABLED, DISABLED = "Enabled", "Disabled"
"""States of a mapping that lasts in it (API reference, ``EventSourceMappingConfiguration``)."""


def mappings(stack: Stack) -> list[dict[str, Any]]:
    """Return every mapping of the stack's streams and queue, those of strangers too: they are readers beside ours."""
    sources = {stream_of(stack, name).arn: str(name) for name in StreamName}
    sources |= {arn_of_queue(stack, "FailedBatchesQueueUrl"): FAILED}
    pages = stack.client("lambda").get_paginator("list_event_source_mappings").paginate()
    found = [
        _state(stack, each, sources[source])
        for page in pages
        for each in page["EventSourceMappings"]
        if (source := each.get("EventSourceArn", "").partition("/consumer/")[0]) in sources
    ]
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
