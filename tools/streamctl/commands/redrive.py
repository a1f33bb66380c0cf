"""``redrive``: parked records go to the function that failed on them, now."""

from time import time

from changestream.core.redrive import Standing
from streamctl.command import Control, command
from streamctl.exits import Exit
from streamctl.parked_screen import fates as shown
from streamctl.parking.choosing import Description, chosen
from streamctl.parking.objects import ParkedObject, ParkedObjects
from streamctl.parking.options import DAY, FUNCTION, KEYS, REASON, STANDING
from streamctl.parking.redriving import APPLIED
from streamctl.parking.redriving import redrive as redriven
from streamctl.words import several


@command("redrive", example="streamctl redrive --function count_tasks --reason poison --local", writes=True)
def redrive(
    ctl: Control,
    keys: KEYS = None,
    function: FUNCTION = None,
    day: DAY = None,
    reason: REASON = None,
    standing: STANDING = None,
) -> Exit:
    """Have parked records delivered again at once, those that rest or wait for a person as well.

    Objects that another run holds, or that no invocation takes, are left. Ends with 1 if any was not applied.
    """
    objects = ParkedObjects(ctl.stack)
    selected = chosen(objects, keys or [], Description(function, day, reason, standing), ctl.stack.functions)
    if not ctl.apply:
        plan = [_planned(each) for each in selected]
        ctl.screen.show({"objects": plan}, lambda: shown(plan))
        return Exit.FINE
    fates = [each.document() for each in redriven(ctl.stack, objects, [each.key for each in selected])]
    applied = sum(each["outcome"] == APPLIED for each in fates)
    ctl.screen.show({"objects": fates, "applied": applied}, lambda: shown(fates))
    ctl.screen.note(f"{several(applied, 'object')} of {len(fates)} applied.")
    return Exit.FINE if applied == len(fates) else Exit.ATTENTION


def _planned(parked: ParkedObject) -> dict[str, str]:
    stands = parked.standing(time(), asked_for=True)
    message = parked.problem or str(parked.manifest.get("message", ""))
    return {"key": parked.key, "outcome": "goes" if stands == Standing.DUE else stands, "reason": message}
