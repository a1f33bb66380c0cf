"""One standard queue: messages that are hidden while somebody works on them, and come back until they are deleted.

https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-visibility-timeout.html
"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from simulation.memory_aws.errors import Refusal

FOUR_DAYS = 345_600.0
DEFAULT_VISIBILITY = 30.0
MESSAGE_BYTES = 1024 * 1024


@dataclass(slots=True)
class QueuedMessage:
    """A message that nobody has deleted yet; each receipt is ``<id>#<number of the receive>``."""

    message_id: str
    body: str
    attributes: dict[str, Any]
    sent_at: float
    visible_at: float
    receives: int = 0
    first_received_at: float | None = None


@dataclass(slots=True)
class Queue:
    """``on_change`` is told of every message that comes, and of every change of when one is to be seen."""

    name: str
    arn: str
    url: str
    now: Callable[[], float]
    visibility_timeout: float = DEFAULT_VISIBILITY
    delay: float = 0.0
    retention: float = FOUR_DAYS
    most_receives: int | None = None
    dead_letters: "Queue | None" = None
    on_change: list[Callable[[], None]] = field(default_factory=list)
    messages: dict[str, QueuedMessage] = field(default_factory=dict)
    expired: list[QueuedMessage] = field(default_factory=list)
    """What nobody deleted within the retention period: lost."""

    def add(self, message: QueuedMessage) -> None:
        """Take a message, whether sent or moved here."""
        self.messages[message.message_id] = message
        self.changed()

    def soonest(self) -> float:
        """Return when the next message can be received, or could have been; infinity where there is none."""
        return min((message.visible_at for message in self.messages.values()), default=float("inf"))

    def receive(self, most: int, visibility: float | None, *, duplicated: bool) -> list[QueuedMessage]:
        """Hide up to so many messages and return them; ``duplicated`` leaves them to be received once more."""
        self._forget()
        now = self.now()
        received: list[QueuedMessage] = []
        hidden_until = now + (self.visibility_timeout if visibility is None else visibility)
        for message in [each for each in self.messages.values() if each.visible_at <= now]:
            if len(received) == most:
                break
            if self.most_receives is not None and message.receives >= self.most_receives:
                self._move(message)
                continue
            message.receives += 1
            message.first_received_at = message.first_received_at or now
            message.visible_at = now if duplicated else hidden_until
            received.append(message)
        return received

    def delete(self, receipt: str) -> None:
        """Delete a message by its last receipt; an older one does nothing, and says nothing."""
        message_id = _message_id(receipt)
        message = self.messages.get(message_id)
        if message is not None and receipt == receipt_of(message):
            del self.messages[message_id]
            self.changed()

    def hide(self, receipt: str, seconds: float) -> None:
        """Have a message in flight seen again after so many seconds. Raises ``Refusal`` for one that is not."""
        message, now = self.messages.get(_message_id(receipt)), self.now()
        if message is None:
            raise Refusal(
                "InvalidParameterValue",
                f"Value {receipt} for parameter ReceiptHandle is invalid. Reason: Message does not exist or is not "
                "available for visibility timeout change.",
            )
        if message.visible_at <= now:
            raise Refusal("MessageNotInflight", "The message referred to isn't in flight.")
        message.visible_at = now + seconds
        self.changed()

    def changed(self) -> None:
        for listener in self.on_change:
            listener()

    def _move(self, message: QueuedMessage) -> None:
        del self.messages[message.message_id]
        if self.dead_letters is not None:
            message.visible_at = self.now()
            self.dead_letters.add(message)

    def _forget(self) -> None:
        horizon = self.now() - self.retention
        for message in [each for each in self.messages.values() if each.sent_at < horizon]:
            self.expired.append(self.messages.pop(message.message_id))


def receipt_of(message: QueuedMessage) -> str:
    """Return the handle that the last receive gave."""
    return f"{message.message_id}#{message.receives}"


def digest(body: str) -> str:
    """Return the digest by which a client sees that a body came through whole."""
    return hashlib.md5(body.encode(), usedforsecurity=False).hexdigest()


def _message_id(receipt: str) -> str:
    message_id, found, number = receipt.partition("#")
    if not found or not number.isdigit():
        raise Refusal("ReceiptHandleIsInvalid", f'The input receipt handle "{receipt}" is not a valid receipt handle.')
    return message_id
