"""``discard``: parked records are given up, and kept with who did it, when and why."""

from datetime import UTC, datetime
from time import time
from typing import Annotated

from typer import Option

from streamctl.command import Control, command
from streamctl.exits import Exit, Trouble
from streamctl.parked_screen import fates as shown
from streamctl.parking.choosing import Description, chosen
from streamctl.parking.discarding import Discard, DiscardedFate, expected
from streamctl.parking.discarding import discard as discarded
from streamctl.parking.objects import ParkedObjects
from streamctl.parking.options import DAY, FUNCTION, KEYS, STANDING, WHY_PARKED

GOES = "goes"
"""What a dry run says of an object that would be discarded."""


@command("discard", example='streamctl discard parked/KEY --reason "a test of ours" --local', writes=True)
def discard(
    ctl: Control,
    reason: Annotated[str, Option(metavar="TEXT", help="Why: it is kept with the records.")],
    keys: KEYS = None,
    function: FUNCTION = None,
    day: DAY = None,
    parked_for: WHY_PARKED = None,
    standing: STANDING = None,
) -> Exit:
    """Give parked records up: they are moved where no redrive looks, and kept with who did it, when and why.

    What a redrive holds, or is not ours, is left, and so is what changes meanwhile. Ends with 1 if anything was.
    """
    if not reason.strip():
        raise Trouble(Exit.USAGE, "a reason is expected", "Whoever comes later will want to know.")
    objects = ParkedObjects(ctl.stack)
    selected = chosen(objects, keys or [], Description(function, day, parked_for, standing), ctl.stack.functions)
    by = str(ctl.stack.client("sts").get_caller_identity()["Arn"])
    how, fates = Discard(by, datetime.now(UTC), reason), []
    for each in selected:
        fate = expected(each, time())
        if fate is DiscardedFate.DISCARDED and ctl.apply:
            fate = discarded(objects, each, how)
        kept_as = how.key_of(each) if fate is DiscardedFate.DISCARDED else None
        outcome = GOES if fate is DiscardedFate.DISCARDED and not ctl.apply else str(fate)
        fates.append({"key": each.key, "outcome": outcome, "keptAs": kept_as})
    ctl.screen.show({"objects": fates, "by": by, "reason": reason}, lambda: shown(fates))
    return Exit.FINE if all(each["keptAs"] for each in fates) else Exit.ATTENTION
