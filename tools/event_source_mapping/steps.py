"""Every step of a mapping as a value, for journals and tests."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Protocol


class StepKind(StrEnum):
    DELIVERED = "delivered"
    BISECTED = "bisected"
    RETRY_SCHEDULED = "retry_scheduled"
    DISCARDED = "discarded"
    CHECKPOINTED = "checkpointed"
    SHARD_OPENED = "shard_opened"
    SHARD_CLOSED = "shard_closed"
    SHARD_FAILED = "shard_failed"


@dataclass(frozen=True, slots=True)
class Step:
    kind: StepKind
    mapping_uuid: str
    shard_id: str | None
    at: float
    sequence_numbers: tuple[str, ...]
    detail: dict[str, Any] = field(default_factory=dict)


class Observer(Protocol):
    def on(self, step: Step) -> None:
        """Take note of one step; must neither block nor raise."""
        ...


class Unobserved:
    """For hosts that do not look."""

    def on(self, step: Step) -> None:
        del step


class StepLog:
    """Keeps every step, for tests."""

    def __init__(self) -> None:
        self.steps: list[Step] = []

    def on(self, step: Step) -> None:
        self.steps.append(step)

    def of(self, kind: StepKind) -> list[Step]:
        return [step for step in self.steps if step.kind is kind]
