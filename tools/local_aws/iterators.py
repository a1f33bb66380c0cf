"""Shard iterators that carry their own meaning: nothing is kept for them, and they expire by their age."""

from __future__ import annotations

import base64
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ShardIterator:
    """A place in a shard: reading goes on behind the sequence number `after`."""

    stream: str
    shard_id: str
    after: int
    issued_at: float

    def encode(self) -> str:
        text = f"{self.stream}\n{self.shard_id}\n{self.after}\n{self.issued_at!r}"
        return base64.urlsafe_b64encode(text.encode()).decode()

    @classmethod
    def decode(cls, text: str) -> ShardIterator:
        """Raise `ValueError` on what was never an iterator."""
        try:
            stream, shard_id, after, issued_at = base64.urlsafe_b64decode(text).decode().split("\n")
            return cls(stream, shard_id, int(after), float(issued_at))
        except ValueError as error:
            raise ValueError(f"not a shard iterator: {text[:40]}") from error
