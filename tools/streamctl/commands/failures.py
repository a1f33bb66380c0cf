"""``failures``: the batches that mappings gave up and recovery has not brought back yet."""

from time import time
from typing import Annotated

import typer

from streamctl.command import Control, command
from streamctl.exits import Exit
from streamctl.failures_screen import failures_screen
from streamctl.looking import Look, look
from streamctl.reading.failures import Failures, document
from streamctl.reading.mappings import FAILED
from streamctl.reading.queues import DEAD_LETTERS
from streamctl.words import several


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
    found = look(ctl.stack, DEAD_LETTERS if dead_letters else FAILED, limit, anyway=anyway)
    reader, state = Failures(ctl.stack, refetch=records), found.state
    shown = [failure for message in found.messages for failure in reader.of(message)]
    whole = {
        "queue": state.url,
        "visible": state.visible,
        "inFlight": state.in_flight,
        "delayed": state.delayed,
        "maxReceiveCount": state.most_receipts,
        "looksLeft": found.looks_left,
        "failures": [document(each) for each in shown],
    }
    ctl.screen.show(whole, lambda: failures_screen(ctl.stack, state, found.messages, shown, time()))
    if found.messages:
        ctl.screen.note(_cost(found))
    return Exit.ATTENTION if state.visible or state.in_flight or state.delayed else Exit.FINE


def _cost(found: Look) -> str:
    told = f"Received {several(len(found.messages), 'message')} and gave them back"
    if found.looks_left is None:
        return f"{told}."
    used = max(message.received for message in found.messages)
    return f"{told}: {used} of {found.state.most_receipts} receipts are used, {several(found.looks_left, 'look')} left."
