"""``replay``: revisions of an interval go to one consumer again."""

from dataclasses import replace
from datetime import UTC, datetime
from time import time
from typing import Annotated

from typer import Argument, Option

from changestream.wire.parked_object import PREFIX
from streamctl.command import Control, command
from streamctl.exits import Exit, Trouble
from streamctl.parking.objects import ParkedObjects
from streamctl.replaying.instants import microseconds
from streamctl.replaying.options import MOST_FAILURES, RATE, RECEIPT, RESUME, SEGMENTS
from streamctl.replaying.receipt import Receipt, resumed
from streamctl.replaying.replay import plan_replay
from streamctl.replaying.running import run
from streamctl.replaying.tables import TableReader
from streamctl.replaying.target import find, sources_of
from streamctl.stack import Stack
from streamctl.words import several

INSTANT = "ISO 8601 with its zone, now, or -90s, -30m, -2h, -7d."


@command("replay", example="streamctl replay replicate_tasks --since -2h --local", writes=True, of_application=True)
def replay(
    ctl: Control,
    function: Annotated[str, Argument(help="Its folder, logical id, name or ARN; it may be none of the stack's.")],
    since: Annotated[str | None, Option(metavar="INSTANT", help=f"The first change that goes. {INSTANT}")] = None,
    until: Annotated[
        str | None, Option(metavar="INSTANT", help=f"The first that does not, now by default. {INSTANT}")
    ] = None,
    rate: RATE = 100,
    receipt: RECEIPT = None,
    resume: RESUME = None,
    max_failures: MOST_FAILURES = 100,
    segments: SEGMENTS = 4,
) -> Exit:
    """Deliver the revisions of an interval to one consumer, in order, as the events that it would have received.

    For consumers of ChangeStream, old or new; TaskHistoryTable is read. What a view has already is superseded.
    Ends with 1 if a record was not applied: the receipt says which and why, and --resume tries them again.
    """
    with resumed(resume) as kept:
        interval = _interval(kept, since, until)
        sources = sources_of(ctl.stack)
        target = find(function, ctl.stack, sources)
        reader = TableReader(ctl.stack.client("dynamodb"), ctl.stack.output("TaskHistoryTableName"))
        plan = plan_replay(target, sources, reader, *interval, int(time() * 1e6), segments)
        plan = replace(plan, notes=[*plan.notes, *_gaps(ctl.stack)])
        return run(ctl, plan, kept, receipt, rate, max_failures)


def _gaps(stack: Stack) -> list[str]:
    """Return a note where changes are parked that the history lacks."""
    recorder = stack.resources["RecordHistoryFunction"]
    parked = sum(1 for _ in ParkedObjects(stack).keys(f"{PREFIX}{recorder}/"))
    return [f"the history lacks what is parked for {recorder}: {several(parked, 'object')}"] if parked else []


def _interval(kept: Receipt | None, since: str | None, until: str | None) -> tuple[int, int]:
    """Return the interval in epoch microseconds; what is not given stands in the receipt of the run that goes on."""
    if kept:
        since, until = since or kept.run.get("since"), until or kept.run.get("until")
    if not since:
        raise Trouble(Exit.USAGE, "no interval is given", "Give --since, and --until if it is not now.")
    now = datetime.now(UTC)
    try:
        return microseconds(since, now), microseconds(until or "now", now)
    except ValueError as error:
        raise Trouble(Exit.USAGE, str(error)) from None
