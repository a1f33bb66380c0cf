"""Shard iterators that carry their own meaning: nothing is kept for them, and they expire by their age."""

from __future__ import annotations

import base64
import binascii
import json
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ShardIterator:
    """A place in a shard: reading goes on behind the sequence number `after`."""

    stream: str
    shard_id: str
    after: int
    issued_at: float

    def encode(self) -> str:
        text = json.dumps([self.stream, self.shard_id, str(self.after), self.issued_at], separators=(",", ":"))
        return base64.urlsafe_b64encode(text.encode()).decode()

    @classmethod
    def decode(cls, text: str) -> ShardIterator:
        """Raise `ValueError` on what was never an iterator."""
        try:
            stream, shard_id, after, issued_at = json.loads(base64.urlsafe_b64decode(text))
            return cls(str(stream), str(shard_id), int(after), float(issued_at))
        except (ValueError, TypeError, binascii.Error) as error:
            raise ValueError(f"not a shard iterator: {text[:40]}") from error
