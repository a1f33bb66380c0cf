"""Destinations in memory, which keep what they receive and may refuse for a while."""

from typing import Any

from event_source_mapping.errors import DestinationRefused
from event_source_mapping.ports import DiscardedBatch


class MemoryDestinations:
    """`refusals` is how many more messages are refused before one is taken."""

    def __init__(self, refusals: int = 0) -> None:
        self.received: list[tuple[str, DiscardedBatch]] = []
        self.refusals = refusals

    async def send(self, arn: str, batch: DiscardedBatch) -> None:
        if self.refusals:
            self.refusals -= 1
            raise DestinationRefused(f"{arn} takes nothing at the moment")
        self.received.append((arn, batch))

    @property
    def messages(self) -> list[dict[str, Any]]:
        return [batch.message for _, batch in self.received]
