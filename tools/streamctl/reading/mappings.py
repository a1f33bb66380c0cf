"""The event source mappings that read the stack's streams and its queue, with how far each is behind."""

from typing import Any

from streamctl.reading.streams import StreamName, stream_of
from streamctl.stack import Stack


def mappings(stack: Stack) -> list[dict[str, Any]]:
    """Return every mapping of the stack's streams and queue, those of strangers too: they are readers beside ours."""
    sources = {stream_of(stack, name).arn: str(name) for name in StreamName}
    sources |= {arn_of_queue(stack, "FailedBatchesQueueUrl"): "failed"}
    pages = stack.client("lambda").get_paginator("list_event_source_mappings").paginate()
    found = [
        _state(stack, each, sources[source])
        for page in pages
        for each in page["EventSourceMappings"]
        if (source := each.get("EventSourceArn", "").partition("/consumer/")[0]) in sources
    ]
    order = list(sources.values())
    return sorted(found, key=lambda each: (order.index(each["source"]), each["function"]))


def arn_of_queue(stack: Stack, output: str) -> str:
    """Return the ARN of a queue whose URL is an output."""
    attributes = stack.client("sqs").get_queue_attributes(QueueUrl=stack.output(output), AttributeNames=["QueueArn"])
    return str(attributes["Attributes"]["QueueArn"])


def short_name(stack: Stack, function: str) -> str:
    """Return what the template calls a function of the stack, ``CountTasks``; of any other, its name as it is."""
    own = function.removeprefix(f"{stack.name}-")
    logical, _, unique = own.rpartition("Function-")
    return logical if own != function and logical and unique else function


def _state(stack: Stack, mapping: dict[str, Any], source: str) -> dict[str, Any]:
    function = mapping["FunctionArn"].split(":")[6]
    return {
        "source": source,
        "function": short_name(stack, function),
        "functionName": function,
        "uuid": mapping["UUID"],
        "state": mapping["State"],
        "lastResult": mapping.get("LastProcessingResult"),
    }
