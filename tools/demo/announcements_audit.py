"""The audit of what is announced: a subscriber of the topic compares what it was told with what the table saw."""

import json
from collections.abc import Iterable
from threading import Lock

from demo.audit import Finding
from demo.chronicle import Chronicle
from demo.follower import Follower
from demo.runtime import ServedStack
from domain import announcements
from domain.announcements import Notification
from verification.parked import ParkedPayload
from verification.subject import ViewSubject

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
        self._by_id: dict[str, Notification] = {}

    def notifications(self) -> list[Notification]:
        """Return what has been announced so far, repeats told by their id."""
        self.catch_up()
        return list(self._by_id.values())

    def catch_up(self) -> None:
        with self._lock:
            while messages := self._sqs.receive_message(QueueUrl=self._queue, MaxNumberOfMessages=10).get("Messages"):
                for message in messages:
                    notification = json.loads(message["Body"])
                    self._by_id[notification["deduplicationId"]] = notification
                entries = [{"Id": str(n), "ReceiptHandle": one["ReceiptHandle"]} for n, one in enumerate(messages)]
                self._sqs.delete_message_batch(QueueUrl=self._queue, Entries=entries)


def audit_announcements(subscriber: Subscriber, subject: ViewSubject) -> Finding:
    """Compare the transitions announced of every task with those that its stream shows."""
    problems = announcements.problems(subject, subscriber.notifications())
    told = [f"{one.subject}: {one.what}" for one in problems]
    return Finding("TaskTransitionsTopic, per transition", announcements.transitions(subject.given), told)


def audit_brought_back(chronicle: Chronicle, function: str, parked: Iterable[ParkedPayload]) -> Finding:
    """State that the mapping gave up good records too: those were announced all the same, if the transitions hold."""
    given_up = {
        number
        for entry in chronicle.entries
        if entry["kind"] == "mapping.discarded" and chronicle.function_of(entry["mapping_uuid"]) == function
        for number in entry["sequence_numbers"]
    }
    poison = {number for one in parked if one.function == function for number in one.numbers}
    return Finding("FailedChangesTopic, per record brought back", len(given_up - poison), [])
