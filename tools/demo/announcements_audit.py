"""The audit of what is announced: a subscriber of the topic compares what it was told with what the table saw."""

import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from threading import Lock
from typing import Any

from changestream.wire import kinesis_capture
from demo.audit import Finding
from demo.chronicle import Chronicle
from demo.follower import Follower
from demo.parked import ParkedPayload
from demo.runtime import ServedStack
from demo.truth import Record, TableTruth
from domain.tasks import Item, Key

Step = tuple[str | None, str]
"""A transition, from one status to another."""

LOOK_SECONDS = 0.3
"""Between two looks at the queue. One that is left to grow slows moto down, which counts it at every message."""


class Subscriber(Follower):
    """A queue of the demo's own that is subscribed to the topic, and reads it as any subscriber should."""

    def __init__(self, runtime: ServedStack) -> None:
        super().__init__("subscriber", LOOK_SECONDS)
        self._sqs = runtime.client("sqs")
        self._queue = self._sqs.create_queue(QueueName="subscriber")["QueueUrl"]
        about = self._sqs.get_queue_attributes(QueueUrl=self._queue, AttributeNames=["QueueArn"])
        runtime.client("sns").subscribe(
            TopicArn=runtime.outputs["TaskTransitionsTopicArn"],
            Protocol="sqs",
            Endpoint=about["Attributes"]["QueueArn"],
            Attributes={"RawMessageDelivery": "true"},
        )
        self._lock = Lock()
        self._by_id: dict[str, Item] = {}

    def transitions(self) -> dict[Key, list[Step]]:
        """Return what has been announced of each task so far, in the order of the changes, repeats told by their id."""
        self.catch_up()
        steps: defaultdict[Key, list[Step]] = defaultdict(list)
        for one in sorted(self._by_id.values(), key=lambda notification: notification["position"]):
            steps[one["listId"], one["taskId"]].append((one["from"], one["to"]))
        return steps

    def catch_up(self) -> None:
        with self._lock:
            while messages := self._sqs.receive_message(QueueUrl=self._queue, MaxNumberOfMessages=10).get("Messages"):
                for message in messages:
                    notification = json.loads(message["Body"])
                    self._by_id[notification["deduplicationId"]] = notification
                entries = [{"Id": str(n), "ReceiptHandle": one["ReceiptHandle"]} for n, one in enumerate(messages)]
                self._sqs.delete_message_batch(QueueUrl=self._queue, Entries=entries)


def audit_announcements(subscriber: Subscriber, truth: TableTruth, is_malformed: Callable[[Item], bool]) -> Finding:
    """Compare the transitions announced of every task with those that the table's own stream shows.

    A malformed task has no status: the change that puts it right is its next transition.
    """
    announced = subscriber.transitions()
    happened = {key: steps for key, records in truth.changes.items() if (steps := _steps(records, is_malformed))}
    differences = [
        f"{'/'.join(key)}: announced {announced.get(key)}, happened {happened.get(key)}"
        for key in sorted({*announced, *happened})
        if announced.get(key) != happened.get(key)
    ]
    return Finding("TaskTransitionsTopic, per transition", sum(map(len, happened.values())), differences)


def audit_brought_back(chronicle: Chronicle, function: str, parked: Iterable[ParkedPayload]) -> Finding:
    """State that the mapping gave up good records too: those were announced all the same, if the transitions hold."""
    given_up = {
        number
        for entry in chronicle.entries
        if entry["kind"] == "mapping.discarded" and chronicle.function_of(entry["mapping_uuid"]) == function
        for number in entry["sequence_numbers"]
    }
    poison = {
        number
        for one in parked
        if one.function == function
        for number in map(kinesis_capture.sequence_number, one.records)
    }
    return Finding("FailedChangesTopic, per record brought back", len(given_up - poison), [])


def _steps(records: Sequence[Record], is_malformed: Callable[[Item], bool]) -> list[Step]:
    def status(image: Item | None) -> str | None:
        value: Any = (image or {}).get("status", {}).get("S")
        return value if image and not is_malformed(image) else None

    bodies = [record["dynamodb"] for record in records]
    steps = [(status(body.get("OldImage")), status(body.get("NewImage"))) for body in bodies]
    return [(before, after) for before, after in steps if after and before != after]
