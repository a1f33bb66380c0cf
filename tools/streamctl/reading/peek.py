"""Looking at the messages of a queue and giving them back."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from streamctl.reading.looks import looks_left

HIDDEN_SECONDS = 30
"""How long a message stays hidden if this ends before it gives the message back."""

AT_ONCE = 10


@dataclass(frozen=True, slots=True)
class QueueState:
    """What a queue says of itself.

    ``most_receipts`` is its ``maxReceiveCount``, ``None`` for a queue without a dead-letter queue.
    """

    url: str
    visible: int
    in_flight: int
    delayed: int
    most_receipts: int | None
    retention_seconds: float


@dataclass(frozen=True, slots=True)
class Message:
    """A message as it was seen; ``received`` counts this look too."""

    message_id: str
    body: str
    sent_at: float
    received: int


def queue_state(client: Any, url: str) -> QueueState:
    """Return the queue's counts and the settings that looking at it depends on."""
    found = client.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
    policy = json.loads(found.get("RedrivePolicy") or "{}")
    return QueueState(
        url,
        visible=int(found["ApproximateNumberOfMessages"]),
        in_flight=int(found["ApproximateNumberOfMessagesNotVisible"]),
        delayed=int(found["ApproximateNumberOfMessagesDelayed"]),
        most_receipts=int(policy["maxReceiveCount"]) if policy else None,
        retention_seconds=float(found["MessageRetentionPeriod"]),
    )


def peek(client: Any, state: QueueState, limit: int) -> list[Message]:
    """Return up to ``limit`` of the messages that are visible, each received once, and give all of them back at once.

    It stops at the first message that has no receipts to spare (``looks_left``): the next one may have none either.
    """
    seen: dict[str, Message] = {}
    handles: list[str] = []
    try:
        while len(seen) < min(limit, state.visible):
            got = _receive(client, state.url, min(AT_ONCE, limit - len(seen)))
            handles += [each["ReceiptHandle"] for each in got]
            new = [message for each in got if (message := _message(each)).message_id not in seen]
            seen |= {message.message_id: message for message in new}
            if not new or any(looks_left(message.received, state.most_receipts) == 0 for message in new):
                break
    finally:
        _give_back(client, state.url, handles)
    return list(seen.values())


def _receive(client: Any, url: str, number: int) -> list[dict[str, Any]]:
    answer = client.receive_message(
        QueueUrl=url,
        MaxNumberOfMessages=number,
        VisibilityTimeout=HIDDEN_SECONDS,
        WaitTimeSeconds=1,  # asks all of SQS's servers; without a wait it asks some
        MessageSystemAttributeNames=["ApproximateReceiveCount", "SentTimestamp"],
    )
    messages: list[dict[str, Any]] = answer.get("Messages", [])
    return messages


def _message(received: dict[str, Any]) -> Message:
    attributes = received["Attributes"]
    sent = float(attributes["SentTimestamp"]) / 1000
    return Message(received["MessageId"], received["Body"], sent, int(attributes["ApproximateReceiveCount"]))


def _give_back(client: Any, url: str, handles: Sequence[str]) -> None:
    """What cannot be given back comes back by itself when its time is over, so no refusal matters here."""
    for first in range(0, len(handles), AT_ONCE):
        entries = [
            {"Id": str(number), "ReceiptHandle": handle, "VisibilityTimeout": 0}
            for number, handle in enumerate(handles[first : first + AT_ONCE])
        ]
        try:
            client.change_message_visibility_batch(QueueUrl=url, Entries=entries)
        except (ClientError, BotoCoreError):
            return
