"""The event source mappings that read the stack's streams and its queue, with how far each is behind."""

from typing import Any

from streamctl.functions import short_names
from streamctl.reading.metrics import Metric, latest
from streamctl.reading.streams import StreamName, stream_of
from streamctl.stack import Stack

FAILED = "failed"
"""Stands for the queue of failed batches among the sources."""


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


def add_lags(stack: Stack, found: list[dict[str, Any]]) -> None:
    """Add ``lagSeconds`` to mappings of streams: how old the last record of a batch was when it was done with.

    It is that of the batch furthest behind in the last minute that had one, ``None`` where none was delivered for a
    while. CloudWatch has it by function: one with two mappings has one lag.
    """
    ages = latest(stack, [Metric("AWS/Lambda", "IteratorAge", "FunctionName", each["functionName"]) for each in found])
    for each, age in zip(found, ages, strict=True):
        each["lagSeconds"] = None if age is None or each["source"] == FAILED else round(age / 1000, 1)


def arn_of_queue(stack: Stack, output: str) -> str:
    """Return the ARN of a queue whose URL is an output."""
    attributes = stack.client("sqs").get_queue_attributes(QueueUrl=stack.output(output), AttributeNames=["QueueArn"])
    return str(attributes["Attributes"]["QueueArn"])


def short_name(stack: Stack, function: str) -> str:
    """Return what the template calls a function of the stack, ``CountTasks``; of any other, its name as it is.

    The outputs say so: names are cut where that of the stack is long.
    """
    return short_names(stack.outputs).get(function, function)


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
        "maximumRecordAgeSeconds": mapping.get("MaximumRecordAgeInSeconds"),
    }
