"""What looking at a queue has cost its messages, remembered between looks.

SQS has no peek: whoever looks at a message receives it, and every receipt counts towards the queue's
``maxReceiveCount``, beyond which the next receipt moves it to the dead-letter queue. How often a message was received
is only told by receiving it. So what the last look found is kept in a file of whoever looks.
"""

import json
from dataclasses import dataclass
from pathlib import Path

RECEIPTS_FOR_RECOVERY = 20
"""Of a message's receipts, so many are not ours to take. Recovery needs about a dozen in the hour after which it parks
what it cannot deliver (``changestream.core.rounds``), and some for invocations that were cut off."""


def looks_left(received: int, most: int | None) -> int | None:
    """Return how often a message may still be looked at, ``None`` for as often as one likes: no dead-letter queue."""
    return None if most is None else max(0, most - min(RECEIPTS_FOR_RECOVERY, most) - received)


@dataclass(frozen=True, slots=True)
class Looks:
    """The file: for each queue that is not to be looked at, until when, in epoch seconds."""

    path: Path

    def closed_until(self, queue_url: str, now: float) -> float | None:
        """Return until when a queue is not to be looked at, ``None`` if it may be."""
        until = self._read().get(queue_url, 0.0)
        return until if until > now else None

    def close(self, queue_url: str, until: float) -> None:
        """Have the queue left alone until then: its messages have no receipts left that could be spared."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self.path.write_text(json.dumps(self._read() | {queue_url: until}, indent=1))

    def _read(self) -> dict[str, float]:
        try:
            found = json.loads(self.path.read_text())
        except (OSError, ValueError):
            return {}
        return {str(name): float(until) for name, until in found.items()} if isinstance(found, dict) else {}
