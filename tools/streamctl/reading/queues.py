"""The queue of failed batches, and that of its dead letters."""

from typing import Any

from streamctl.reading.mappings import FAILED
from streamctl.reading.metrics import MetricStatistic, latest
from streamctl.stack import Stack
from streamctl.together import together

QUEUES = {FAILED: "FailedBatchesQueueUrl", "dead-letters": "FailedBatchesDeadLetterQueueUrl"}
WAITED = ("WaitedSeconds", "service", "recover_batches")
COUNTS = {
    "visible": "ApproximateNumberOfMessages",
    "inFlight": "ApproximateNumberOfMessagesNotVisible",
    "delayed": "ApproximateNumberOfMessagesDelayed",
}


def queues(stack: Stack) -> list[dict[str, Any]]:
    """Return how many messages each holds, as SQS estimates it."""
    return together(lambda name: _state(stack, name), QUEUES)


def add_ages(stack: Stack, found: list[dict[str, Any]]) -> None:
    """Add ``oldestSeconds``: how old the oldest message is, as CloudWatch has it; ``None`` where it has nothing.

    The metric of SQS leaves out what was received three times and is still there; of that, recovery tells itself.
    """
    names = [each["url"].rpartition("/")[2] for each in found]
    asked = [MetricStatistic("AWS/SQS", "ApproximateAgeOfOldestMessage", "QueueName", name) for name in names]
    *ages, waited = latest(stack, [*asked, MetricStatistic(f"Changestream/{stack.name}", *WAITED)])
    for each, age in zip(found, ages, strict=True):
        told = [age, waited] if each["queue"] == FAILED and _waiting(each) else [age]
        each["oldestSeconds"] = max((round(seconds) for seconds in told if seconds is not None), default=None)


def _waiting(queue: dict[str, Any]) -> int:
    return sum(queue[count] for count in COUNTS)


def _state(stack: Stack, name: str) -> dict[str, Any]:
    url = stack.output(QUEUES[name])
    found = stack.client("sqs").get_queue_attributes(QueueUrl=url, AttributeNames=list(COUNTS.values()))["Attributes"]
    counts: dict[str, Any] = {count: int(found[attribute]) for count, attribute in COUNTS.items()}
    return {"queue": name, "url": url} | counts | {"oldestSeconds": None}
