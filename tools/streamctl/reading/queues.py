"""The queue of failed batches, and that of its dead letters."""

import json
from typing import Any

from streamctl.exits import Exit, Trouble
from streamctl.reading.mappings import FAILED
from streamctl.reading.metrics import MetricStatistic, latest
from streamctl.stack import Stack
from streamctl.together import together

DEAD_LETTERS = "dead-letters"
QUEUES = {FAILED: "FailedBatchesQueueUrl", DEAD_LETTERS: "FailedBatchesDeadLetterQueueUrl"}
WAITED = ("WaitedSeconds", "service", "recover_batches")
COUNTS = {
    "visible": "ApproximateNumberOfMessages",
    "inFlight": "ApproximateNumberOfMessagesNotVisible",
    "delayed": "ApproximateNumberOfMessagesDelayed",
}


def queues(stack: Stack) -> list[dict[str, Any]]:
    """Return how many messages each holds, as SQS estimates it."""
    urls = {FAILED: queue_url(stack, FAILED), DEAD_LETTERS: _dead_letters(stack)}
    return together(lambda name: _state(stack, name, urls[name]), [name for name, url in urls.items() if url])


def queue_url(stack: Stack, name: str) -> str:
    """Return the URL of a queue. Raises ``Trouble`` if the queue of failed batches has no dead-letter queue."""
    if name == FAILED:
        return stack.output(QUEUES[FAILED])
    if url := _dead_letters(stack):
        return url
    raise Trouble(Exit.MISSING, f"{stack.output(QUEUES[FAILED])} has no dead-letter queue")


def _dead_letters(stack: Stack) -> str:
    """Return the URL of the queue of dead letters; empty if a queue that is not recovery's own has none."""
    if not stack.is_recovery_alone or QUEUES[DEAD_LETTERS] in stack.outputs:
        return stack.output(QUEUES[DEAD_LETTERS])
    sqs, url = stack.client("sqs"), stack.output(QUEUES[FAILED])
    attributes = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["RedrivePolicy"]).get("Attributes", {})
    if not attributes.get("RedrivePolicy"):
        return ""
    name = json.loads(attributes["RedrivePolicy"])["deadLetterTargetArn"].rpartition(":")[2]
    return str(sqs.get_queue_url(QueueName=name)["QueueUrl"])


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


def _state(stack: Stack, name: str, url: str) -> dict[str, Any]:
    found = stack.client("sqs").get_queue_attributes(QueueUrl=url, AttributeNames=list(COUNTS.values()))["Attributes"]
    counts: dict[str, Any] = {count: int(found[attribute]) for count, attribute in COUNTS.items()}
    return {"queue": name, "url": url} | counts | {"oldestSeconds": None}
