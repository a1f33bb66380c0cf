"""SNS of one region: topics, and queues that subscribe to them.

https://docs.aws.amazon.com/sns/latest/api/
"""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from simulation.memory_aws.client import Operation
from simulation.memory_aws.errors import Refusal
from simulation.memory_aws.hook import Answer, Call
from simulation.memory_aws.messaging.sqs import Sqs

MESSAGE_BYTES = 256 * 1024


@dataclass(frozen=True, slots=True)
class Notification:
    """What was published, as it was."""

    message_id: str
    text: str
    attributes: dict[str, Any]


@dataclass(slots=True)
class MemoryTopic:
    """``queues`` are the ARNs of those that subscribe, with whether they get the text alone."""

    arn: str
    queues: dict[str, bool] = field(default_factory=dict)
    published: list[Notification] = field(default_factory=list)


class Sns:
    """``topics`` holds what was published, by ARN."""

    reentrant = False

    def __init__(self, account: str, region: str, now: Callable[[], float], sqs: Sqs) -> None:
        self._prefix = f"arn:aws:sns:{region}:{account}:"
        self._now = now
        self._sqs = sqs
        self._published = 0
        self.topics: dict[str, MemoryTopic] = {}
        self.operations: dict[str, Operation] = {
            "create_topic": self._create_topic,
            "subscribe": self._subscribe,
            "publish": self._publish,
        }

    def _create_topic(self, call: Call) -> Answer:
        arn = self._prefix + call.parameters["Name"]
        self.topics.setdefault(arn, MemoryTopic(arn))
        return {"TopicArn": arn}

    def _topic(self, arn: str) -> MemoryTopic:
        if arn not in self.topics:
            raise Refusal("NotFound", "Topic does not exist", 404)
        return self.topics[arn]

    def _subscribe(self, call: Call) -> Answer:
        parameters = call.parameters
        topic = self._topic(parameters["TopicArn"])
        if parameters["Protocol"] != "sqs":
            raise Refusal("InvalidParameter", "Invalid parameter: only queues subscribe in memory")
        raw = parameters.get("Attributes", {}).get("RawMessageDelivery") == "true"
        topic.queues[parameters["Endpoint"]] = raw
        return {"SubscriptionArn": f"{topic.arn}:{len(topic.queues):08d}"}

    def _publish(self, call: Call) -> Answer:
        parameters = call.parameters
        text, attributes = parameters["Message"], parameters.get("MessageAttributes", {})
        if not text:
            raise Refusal("InvalidParameter", "Invalid parameter: Empty message")
        if len(text.encode()) > MESSAGE_BYTES:
            raise Refusal("InvalidParameter", "Invalid parameter: Message too long")
        for name, value in attributes.items():
            if value.get("StringValue") == "":
                raise Refusal(
                    "ParameterValueInvalid",
                    f"The message attribute '{name}' must contain non-empty message attribute value for message "
                    "attribute type 'String'.",
                )
        topic = self._topic(parameters["TopicArn"])
        self._published += 1
        notification = Notification(f"00000000-0000-4000-9000-{self._published:012d}", text, attributes)
        topic.published.append(notification)
        for queue, raw in topic.queues.items():
            self._deliver(topic, notification, queue, raw=raw)
        return {"MessageId": notification.message_id}

    def _deliver(self, topic: MemoryTopic, notification: Notification, queue: str, *, raw: bool) -> None:
        if raw:
            self._sqs.send(queue, notification.text, attributes=notification.attributes)
            return
        moment = datetime.fromtimestamp(self._now(), UTC).isoformat(timespec="milliseconds")
        wrapped = {
            "Type": "Notification",
            "MessageId": notification.message_id,
            "TopicArn": topic.arn,
            "Message": notification.text,
            "Timestamp": moment.replace("+00:00", "Z"),
            "SignatureVersion": "1",
            "Signature": "EXAMPLE",
            "SigningCertURL": "https://sns.example/cert.pem",
            "UnsubscribeURL": "https://sns.example/unsubscribe",
        }
        self._sqs.send(queue, json.dumps(wrapped))
