"""``requeue``: dead letters go back to the queue of failed batches."""

from typing import Annotated, Any

import typer

from streamctl.command import Control, command
from streamctl.exits import Exit
from streamctl.reading.mappings import FAILED
from streamctl.reading.peek import HIDDEN_SECONDS, queue_state
from streamctl.reading.queues import DEAD_LETTERS, queue_url
from streamctl.words import several

AT_ONCE = 10


@command("requeue", example="streamctl requeue --local", writes=True)
def requeue(
    ctl: Control,
    limit: Annotated[int, typer.Option(metavar="N", min=1, help="At most so many.")] = 1000,
) -> Exit:
    """Put dead letters back on the queue of failed batches, for recovery to begin anew with each.

    To be done once what was in their way is mended: the log of recover_batches names it. A letter is on the queue
    before it is removed, so where this is interrupted in between one is recovered twice, which changes nothing.
    """
    sqs, letters = ctl.stack.client("sqs"), queue_url(ctl.stack, DEAD_LETTERS)
    waiting = queue_state(sqs, letters).visible
    moved = _move(sqs, letters, queue_url(ctl.stack, FAILED), limit) if ctl.apply else 0
    told = f"{several(moved, 'dead letter')} put back." if ctl.apply else f"{several(waiting, 'dead letter')} waiting."
    ctl.screen.show({"waiting": max(0, waiting - moved), "requeued": moved}, lambda: told)
    return Exit.FINE


def _move(sqs: Any, letters: str, queue: str, limit: int) -> int:
    moved = 0
    while moved < limit:
        got = sqs.receive_message(
            QueueUrl=letters,
            MaxNumberOfMessages=min(AT_ONCE, limit - moved),
            VisibilityTimeout=HIDDEN_SECONDS,
            WaitTimeSeconds=1,
        ).get("Messages", [])
        for letter in got:
            sqs.send_message(QueueUrl=queue, MessageBody=letter["Body"])
            sqs.delete_message(QueueUrl=letters, ReceiptHandle=letter["ReceiptHandle"])
            moved += 1
        if not got:
            break
    return moved
