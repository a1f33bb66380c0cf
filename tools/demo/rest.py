"""Waiting until nothing is under way any more."""

from collections.abc import Callable
from time import monotonic, sleep, time

from demo.runtime import ServedStack
from demo.tables import scan

QUEUES = ("FailedBatchesQueueUrl", "FailedBatchesDeadLetterQueueUrl")
COUNTS = (
    "ApproximateNumberOfMessages",
    "ApproximateNumberOfMessagesNotVisible",
    "ApproximateNumberOfMessagesDelayed",
)
LOOKS_IN_A_ROW = 3
PAUSE_SECONDS = 0.3


class NeverQuiet(Exception):
    """Something was still under way when the patience ended; says what."""


def wait_until_quiet(
    runtime: ServedStack, doing: Callable[[str], None], looks: int = LOOKS_IN_A_ROW, patience_seconds: float = 150
) -> None:
    """Return once every mapping is at its streams' ends, every queue empty and no expired item left.

    It has to look so ``looks`` times in a row; ``doing`` is told what is waited for. Raises ``NeverQuiet`` when the
    patience ends.
    """
    ends, quiet_looks = monotonic() + patience_seconds, 0
    while quiet_looks < looks:
        waited_for = _under_way(runtime)
        quiet_looks = 0 if waited_for else quiet_looks + 1
        doing(f"waiting for {waited_for}" if waited_for else "quiet")
        if monotonic() > ends:
            raise NeverQuiet(f"still waiting for {waited_for} after {patience_seconds:.0f} s")
        sleep(PAUSE_SECONDS)


def messages_left(runtime: ServedStack) -> dict[str, int]:
    """Return how many messages each queue holds, visible or not."""
    client, left = runtime.client("sqs"), {}
    for output in QUEUES:
        attributes = client.get_queue_attributes(QueueUrl=runtime.outputs[output], AttributeNames=["All"])["Attributes"]
        left[output.removesuffix("Url")] = sum(int(attributes[name]) for name in COUNTS)
    return left


def _under_way(runtime: ServedStack) -> str:
    if not runtime.status()["quiet"]:
        return "the mappings to reach the ends of their streams"
    if holding := [f"{count} in {name}" for name, count in messages_left(runtime).items() if count]:
        return f"messages: {', '.join(holding)}"
    now = time()
    items = scan(runtime, runtime.outputs["TasksTableName"])
    expired = [item for item in items if float(item.get("expiresAt", {}).get("N", "inf")) <= now]
    return f"{len(expired)} expired items to be deleted" if expired else ""
