"""The queue of failed batches, and that of its dead letters."""

from typing import Any

from streamctl.stack import Stack
from streamctl.together import together

QUEUES = {"failed": "FailedBatchesQueueUrl", "dead-letters": "FailedBatchesDeadLetterQueueUrl"}
COUNTS = {
    "visible": "ApproximateNumberOfMessages",
    "inFlight": "ApproximateNumberOfMessagesNotVisible",
    "delayed": "ApproximateNumberOfMessagesDelayed",
}


def queues(stack: Stack) -> list[dict[str, Any]]:
    """Return how many messages each holds, as SQS estimates it."""
    return together(lambda name: _state(stack, name), QUEUES)


def _state(stack: Stack, name: str) -> dict[str, Any]:
    url = stack.output(QUEUES[name])
    found = stack.client("sqs").get_queue_attributes(QueueUrl=url, AttributeNames=list(COUNTS.values()))["Attributes"]
    return {"queue": name, "url": url} | {count: int(found[attribute]) for count, attribute in COUNTS.items()}
