"""TumblingWindowInSeconds: windows of one shard, placed by arrival time, and the state they carry.

Developer guide, services-ddb-windows. Where it is silent: the final invocation has no records, a record that
arrives late joins the window that is open, and a shard with windows has one lane, because lanes that run at once
cannot pass one state on.
"""

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from itertools import takewhile
from typing import Any

from event_source_mapping.failure_message import timestamp
from event_source_mapping.formats import Record

STATE_LIMIT = 1_048_576


@dataclass(frozen=True, slots=True)
class OpenWindow:
    """An open window of `seconds` from `start`; windows do not overlap and begin at multiples of their length."""

    start: int
    seconds: int
    state: dict[str, Any] = field(default_factory=dict)

    @classmethod
    def around(cls, arrival: float, seconds: int) -> "OpenWindow":
        return cls(int(arrival // seconds) * seconds, seconds)

    @property
    def end(self) -> int:
        return self.start + self.seconds

    @property
    def is_full(self) -> bool:
        """Whether its state has outgrown what Lambda keeps, which ends it early."""
        return self.state_bytes > STATE_LIMIT

    @property
    def state_bytes(self) -> int:
        return len(json.dumps(self.state, ensure_ascii=False, separators=(",", ":")).encode())

    def leading(self, records: Iterable[Record], arrival: Callable[[Record], float]) -> list[Record]:
        """The records at the front that belong to this window."""
        return list(takewhile(lambda record: arrival(record) < self.end, records))

    def event(
        self, records: list[Record], shard_id: str, event_source_arn: str, *, final: bool, early: bool
    ) -> dict[str, Any]:
        return {
            "Records": records,
            "window": {"start": timestamp(self.start, 0), "end": timestamp(self.end, 0)},
            "state": self.state,
            "shardId": shard_id,
            "eventSourceARN": event_source_arn,
            "isFinalInvokeForWindow": final,
            "isWindowTerminatedEarly": early,
        }

    def with_state(self, state: dict[str, Any]) -> "OpenWindow":
        return replace(self, state=state)

    def to_json(self) -> dict[str, Any]:
        return {"start": self.start, "seconds": self.seconds, "state": self.state}

    @classmethod
    def from_json(cls, stored: dict[str, Any]) -> "OpenWindow":
        return cls(stored["start"], stored["seconds"], stored["state"])


def state_in(response: Any) -> dict[str, Any] | None:
    """The state that a response passes on; None when it has none, which fails the invocation."""
    state = response.get("state") if isinstance(response, dict) else None
    return state if isinstance(state, dict) else None
