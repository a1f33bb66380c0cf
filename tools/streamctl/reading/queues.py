"""The queue of failed batches, and that of its dead letters."""

from typing import Any

from streamctl.reading.metrics import Metric, latest
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


def add_ages(stack: Stack, found: list[dict[str, Any]]) -> None:
    """Add ``oldestSeconds``: how old the oldest message is, as CloudWatch has it; ``None`` where it has nothing."""
    names = [each["url"].rpartition("/")[2] for each in found]
    ages = latest(stack, [Metric("AWS/SQS", "ApproximateAgeOfOldestMessage", "QueueName", name) for name in names])
    for each, age in zip(found, ages, strict=True):
        each["oldestSeconds"] = None if age is None else round(age)


def _state(stack: Stack, name: str) -> dict[str, Any]:
    url = stack.output(QUEUES[name])
    found = stack.client("sqs").get_queue_attributes(QueueUrl=url, AttributeNames=list(COUNTS.values()))["Attributes"]
    counts: dict[str, Any] = {count: int(found[attribute]) for count, attribute in COUNTS.items()}
    return {"queue": name, "url": url} | counts | {"oldestSeconds": None}
