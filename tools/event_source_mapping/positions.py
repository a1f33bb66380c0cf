"""Where reading of a shard starts or resumes: a sequence number or a starting position, never an iterator."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class PositionType(StrEnum):
    TRIM_HORIZON = "TRIM_HORIZON"
    LATEST = "LATEST"
    AT_TIMESTAMP = "AT_TIMESTAMP"
    AT_SEQUENCE_NUMBER = "AT_SEQUENCE_NUMBER"
    AFTER_SEQUENCE_NUMBER = "AFTER_SEQUENCE_NUMBER"
    SHARD_END = "SHARD_END"


@dataclass(frozen=True, slots=True)
class Position:
    """A place in a shard.

    `timestamp` goes with AT_TIMESTAMP, and with LATEST, where it is the moment that was the latest: a LATEST
    iterator that is taken again later would skip what was written in between. `window` is the tumbling window
    that was open there, with its state.
    """

    type: PositionType
    sequence_number: str | None = None
    timestamp: float | None = None
    window: dict[str, Any] | None = None

    def to_json(self) -> dict[str, Any]:
        """The position as a JSON object, without what it lacks."""
        fields = {"sequenceNumber": self.sequence_number, "timestamp": self.timestamp, "window": self.window}
        return {"type": str(self.type)} | {name: value for name, value in fields.items() if value is not None}

    @classmethod
    def from_json(cls, stored: dict[str, Any]) -> "Position":
        return cls(
            PositionType(stored["type"]), stored.get("sequenceNumber"), stored.get("timestamp"), stored.get("window")
        )


TRIM_HORIZON = Position(PositionType.TRIM_HORIZON)
LATEST = Position(PositionType.LATEST)
SHARD_END = Position(PositionType.SHARD_END)


def after(sequence_number: str, window: dict[str, Any] | None = None) -> Position:
    return Position(PositionType.AFTER_SEQUENCE_NUMBER, sequence_number, window=window)
