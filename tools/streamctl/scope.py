"""What a stack's recovery is about: the application of the same stack, or functions and streams of other stacks."""

import re
from typing import Any

from changestream.recovery.consumers import Consumers
from streamctl.stack import Stack

STREAM = re.compile(r"arn:[^:]+:(dynamodb|kinesis):")
"""How the ARN of a stream begins."""


def foreign_consumers(stack: Stack) -> Consumers:
    """Return the functions that a stack of recovery/template.yaml may invoke."""
    patterns = tuple(arn.strip() for arn in stack.parameters["FunctionArns"].split(","))
    return Consumers(patterns, int(stack.parameters["ConsumerSeconds"]))


def foreign_mappings(stack: Stack) -> list[dict[str, Any]]:
    """Return the mappings of streams to functions that a stack of recovery/template.yaml may invoke."""
    consumers = foreign_consumers(stack)
    return [
        each
        for each in stack.event_source_mappings
        if STREAM.match(source_of(each)) and consumers.permit(each["FunctionArn"])
    ]


def source_of(mapping: dict[str, Any]) -> str:
    """Return the ARN of what a mapping reads; of a consumer with enhanced fan-out, that of its stream."""
    return str(mapping.get("EventSourceArn", "")).partition("/consumer/")[0]


def failed_batches_bucket(stack: Stack) -> str:
    """Return the bucket that mappings send failed batches to; empty if recovery was deployed without one."""
    name = "FailedBatchesBucketName"
    return stack.parameters.get(name, "") if stack.is_recovery_alone else stack.output(name)
