"""``failures``: the batches that mappings gave up and recovery has not brought back yet."""

import os
from collections.abc import Sequence
from pathlib import Path
from time import time
from typing import Annotated

import typer

from streamctl.command import Control, command
from streamctl.exits import Exit, Trouble
from streamctl.failures_screen import failures_screen
from streamctl.reading.failures import Failures, document
from streamctl.reading.looks import Looks, looks_left
from streamctl.reading.peek import Message, QueueState, peek, queue_state
from streamctl.reading.queues import QUEUES
from streamctl.words import duration, several

STATE = "STREAMCTL_STATE"
"""In the environment: the folder that is kept between commands, if not the usual one of the system."""


@command("failures", example="streamctl failures --local --limit 20")
def failures(
    ctl: Control,
    dead_letters: Annotated[
        bool, typer.Option("--dead-letters", help="Those that could be neither recovered nor parked.")
    ] = False,
    limit: Annotated[int, typer.Option(metavar="N", min=1, help="At most so many messages.")] = 50,
    records: Annotated[bool, typer.Option("--records/--no-records", help="Read their records from the stream.")] = True,
    anyway: Annotated[bool, typer.Option("--anyway", help="Look at messages that have no receipts to spare.")] = False,
) -> Exit:
    """Show the failed batches that wait, with the records that they point to. None of them is consumed.

    Looking is not free: SQS has no peek, so every look is one receipt of each message it shows, hides the message for
    the second it takes, and counts towards the queue's maxReceiveCount, beyond which a message becomes a dead letter.
    Twenty of those receipts are left to recovery: once a look finds a message with no more than these, the queue is
    not looked at again from here, for as long as it keeps messages, unless --anyway says so.

    Messages in flight are not shown: recovery has them, or they rest between two rounds. Ends with 1 if any waits.
    """
    url = ctl.stack.output(QUEUES["dead-letters" if dead_letters else "failed"])
    client = ctl.stack.client("sqs")
    state, looks = queue_state(client, url), Looks(_folder() / "looks.json")
    if not anyway:
        _require_looks(looks, state)
    messages = peek(client, state, limit) if state.visible else []
    spared = _spared(messages, state)
    if spared == 0:
        looks.close(url, time() + state.retention_seconds)
    reader = Failures(ctl.stack, refetch=records)
    found = [failure for message in messages for failure in reader.of(message)]
    shown = {
        "queue": url,
        "visible": state.visible,
        "inFlight": state.in_flight,
        "delayed": state.delayed,
        "maxReceiveCount": state.most_receipts,
        "looksLeft": spared,
        "failures": [document(each) for each in found],
    }
    ctl.screen.show(shown, lambda: failures_screen(ctl.stack, state, messages, found))
    if messages:
        ctl.screen.note(_cost(messages, state, spared))
    return Exit.ATTENTION if state.visible or state.in_flight or state.delayed else Exit.FINE


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


def _spared(messages: Sequence[Message], state: QueueState) -> int | None:
    """Return how often the queue may still be looked at, by its most received message."""
    left = (looks_left(message.received, state.most_receipts) for message in messages)
    return min((each for each in left if each is not None), default=None)


def _cost(messages: Sequence[Message], state: QueueState, spared: int | None) -> str:
    told = f"Received {several(len(messages), 'message')} and gave them back"
    if spared is None:
        return f"{told}."
    used = max(message.received for message in messages)
    return f"{told}: {used} of {state.most_receipts} receipts are used, {several(spared, 'look')} left."


def _folder() -> Path:
    return Path(os.environ.get(STATE) or typer.get_app_dir("streamctl"))
