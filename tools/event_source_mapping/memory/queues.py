"""An SQS queue in memory, with visibility time-outs on an injected clock, as the source of a mapping."""

import asyncio
import hashlib
from dataclasses import dataclass
from typing import Any

from event_source_mapping import records
from event_source_mapping.clock import Clock, wait_until


@dataclass(slots=True)
class _Kept:
    body: str
    number: int
    visible_at: float
    sent_at: float
    group: str
    receives: int = 0
    receipt: str = ""


class MemoryQueue:
    """Gives what is visible, oldest first; a FIFO queue nothing of a group of which something is in flight."""

    def __init__(self, arn: str, clock: Clock, visibility_timeout: float = 30.0) -> None:
        self.arn = arn
        self._clock = clock
        self._visibility_timeout = visibility_timeout
        self._messages: dict[str, _Kept] = {}
        self._sent = 0
        self._waiting: set[asyncio.Event] = set()
        self._is_fifo = arn.endswith(".fifo")

    def send(self, body: str, group: str = "group") -> str:
        """Add a message, of a group in a FIFO queue; return its id."""
        self._sent += 1
        now = self._clock.now()
        message_id = f"00000000-0000-4000-8000-{self._sent:012d}"
        self._messages[message_id] = _Kept(body, self._sent, now, now, group)
        self._wake()
        return message_id

    def bodies(self) -> list[str]:
        """Of all messages that have not been deleted, visible or not."""
        return [kept.body for kept in self._messages.values()]

    def message_ids(self) -> set[str]:
        """Of all messages that have not been deleted, visible or not."""
        return set(self._messages)

    async def receive(self, limit: int, wait: float) -> list[dict[str, Any]]:
        deadline = self._clock.now() + wait
        while True:
            received = self._receive(limit)
            remaining = deadline - self._clock.now()
            if received or remaining <= 0:
                return received
            await self._change(deadline)

    async def _change(self, deadline: float) -> None:
        """Return when something may have become visible, or the deadline has come."""
        now, event = self._clock.now(), asyncio.Event()
        hidden = [kept.visible_at for kept in self._messages.values() if kept.visible_at > now]
        self._waiting.add(event)
        try:
            await wait_until(self._clock, event, min([deadline, *hidden]))
        finally:
            self._waiting.discard(event)

    def _wake(self) -> None:
        for event in self._waiting:
            event.set()

    def _receive(self, limit: int) -> list[dict[str, Any]]:
        now = self._clock.now()
        held = {kept.group for kept in self._messages.values() if self._is_fifo and kept.visible_at > now}
        visible = [
            (name, kept) for name, kept in self._messages.items() if kept.visible_at <= now and kept.group not in held
        ][:limit]
        for name, kept in visible:
            kept.visible_at = now + self._visibility_timeout
            kept.receives += 1
            kept.receipt = f"{name}#{kept.receives}"
        return [records.from_sqs(self._described(name, kept), self.arn) for name, kept in visible]

    def _described(self, message_id: str, kept: _Kept) -> dict[str, Any]:
        return {
            "MessageId": message_id,
            "ReceiptHandle": kept.receipt,
            "Body": kept.body,
            "MD5OfBody": hashlib.md5(kept.body.encode(), usedforsecurity=False).hexdigest(),
            "Attributes": {
                "ApproximateReceiveCount": str(kept.receives),
                "SentTimestamp": str(int(kept.sent_at * 1000)),
            }
            | ({"MessageGroupId": kept.group, "SequenceNumber": str(kept.number)} if self._is_fifo else {}),
        }

    async def delete(self, messages: list[dict[str, Any]]) -> None:
        for message in messages:
            kept = self._messages.get(message["messageId"])
            if kept is not None and kept.receipt == message["receiptHandle"]:
                del self._messages[message["messageId"]]
        self._wake()

    async def release(self, messages: list[dict[str, Any]]) -> None:
        for message in messages:
            kept = self._messages.get(message["messageId"])
            if kept is not None and kept.receipt == message["receiptHandle"]:
                kept.visible_at = self._clock.now()
        self._wake()
