"""Looking at the queue of failed batches, or that of dead letters, without taking what recovery needs."""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from time import time

import typer

from streamctl.exits import Exit, Trouble
from streamctl.reading.failures import Failures, WaitingFailure
from streamctl.reading.looks import Looks, looks_left
from streamctl.reading.mappings import FAILED
from streamctl.reading.peek import Message, QueueState, peek, queue_state
from streamctl.reading.queues import queue_url
from streamctl.stack import Stack
from streamctl.words import duration

STATE = "STREAMCTL_STATE"
"""In the environment: the folder that is kept between commands, if not the usual one of the system."""

MOST_MESSAGES = 200


@dataclass(frozen=True, slots=True)
class Look:
    """What a look found. ``looks_left`` is by the most received message, ``None`` where nothing was seen or counts."""

    state: QueueState
    messages: Sequence[Message]
    looks_left: int | None


def look(stack: Stack, queue: str, limit: int, *, anyway: bool) -> Look:
    """Look at a queue once. Raises ``Trouble`` where its messages have no receipts to spare, unless ``anyway``."""
    client, url = stack.client("sqs"), queue_url(stack, queue)
    state, looks = queue_state(client, url), Looks(_folder() / "looks.json")
    if not anyway:
        _require_looks(looks, state)
    messages = peek(client, state, limit) if state.visible else []
    left = [each for message in messages if (each := looks_left(message.received, state.most_receipts)) is not None]
    if left and min(left) == 0:
        looks.close(url, time() + state.retention_seconds)
    return Look(state, messages, min(left, default=None))


def look_at(stack: Stack) -> list[WaitingFailure]:
    """Return the failures that wait in the queue of failed batches, without their records."""
    reader = Failures(stack, refetch=False)
    found = look(stack, FAILED, MOST_MESSAGES, anyway=False)
    return [failure for message in found.messages for failure in reader.of(message)]


def _require_looks(looks: Looks, state: QueueState) -> None:
    until = looks.closed_until(state.url, time())
    if until is not None:
        raise Trouble(
            Exit.ATTENTION,
            f"not looked at for {duration(until - time())}: a message of {state.url} has so few receipts left that "
            "recovery needs them",
            "--anyway looks all the same. Does RecoverBatches work? streamctl status tells.",
        )
    if looks_left(0, state.most_receipts) == 0:
        raise Trouble(
            Exit.ATTENTION,
            f"{state.url} has a maxReceiveCount of {state.most_receipts}: looking would make dead letters of messages",
            "--anyway looks all the same.",
        )


def _folder() -> Path:
    return Path(os.environ.get(STATE) or typer.get_app_dir("streamctl"))
