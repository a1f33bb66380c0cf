"""``parked``: what is parked, and one object of it with all that it says."""

from enum import StrEnum
from itertools import islice
from time import time
from typing import Annotated

from typer import Argument, Option

from changestream.core.redrive import Standing
from streamctl.command import Control, command
from streamctl.exits import Exit, Trouble
from streamctl.parked_screen import parked_list, parked_one
from streamctl.parking.choosing import Description, described, required
from streamctl.parking.objects import FOREIGN, ParkedObjects
from streamctl.parking.options import DAY, FUNCTION, REASON, STANDING
from streamctl.parking.told import told
from streamctl.reading.records import record_reader


class What(StrEnum):
    """What of it is shown."""

    LIST = "list"
    SHOW = "show"


@command("parked", example="streamctl parked list --function count_tasks --standing waiting --local")
def parked(
    ctl: Control,
    what: Annotated[What, Argument(help="The objects, or one of them (show KEY).")] = What.LIST,
    key: Annotated[str | None, Argument(metavar="[KEY|ID]", help="For show: a key, its beginning, or an id.")] = None,
    function: FUNCTION = None,
    day: DAY = None,
    reason: REASON = None,
    standing: STANDING = None,
    limit: Annotated[int, Option(min=1, metavar="N", help="List at most so many.")] = 200,
) -> Exit:
    """List what is parked, or show one object: its manifest, and what each of its records changed.

    Ends with 1 if any of what is listed waits for a person, or cannot be read.
    """
    objects, description = ParkedObjects(ctl.stack), Description(function, day, reason, standing)
    if what is What.SHOW:
        if key is None:
            raise Trouble(Exit.USAGE, "a key or an id is expected", "streamctl parked list has them.")
        if not description.is_empty:
            raise Trouble(Exit.USAGE, "one object is shown: a description does not go with it", "streamctl parked list")
        return _show(ctl, objects, key)
    if key is not None:
        raise Trouble(Exit.USAGE, f"{key}: a list takes no key", "streamctl parked show KEY")
    return _list(ctl, objects, description, limit)


def _list(ctl: Control, objects: ParkedObjects, description: Description, limit: int) -> Exit:
    found = described(objects, description, ctl.stack.functions)
    summaries = [each.summary(time()) for each in islice(found, limit)]
    more = next(found, None) is not None
    ctl.screen.show({"parked": summaries, "more": more}, lambda: parked_list(summaries))
    if more:
        ctl.screen.note(f"There are more than these {limit}: --limit shows them.")
    waits = any(each["standing"] in (Standing.WAITING, FOREIGN) for each in summaries)
    return Exit.ATTENTION if waits else Exit.FINE


def _show(ctl: Control, objects: ParkedObjects, asked: str) -> Exit:
    one = required(objects, asked)
    if one.problem:
        raise Trouble(
            Exit.ATTENTION, f"{one.key} cannot be read: {one.problem}", "Somebody else put it there, or damaged it."
        )
    document = {
        "key": one.key,
        "id": one.id,
        "standing": one.standing(time()),
        "manifest": dict(one.manifest),
        "changes": told(one, record_reader(ctl.stack)),
        "body": one.document.get("body"),
        "found": one.document.get("found"),
    }
    ctl.screen.show(document, lambda: parked_one(document))
    return Exit.ATTENTION if document["standing"] == Standing.WAITING else Exit.FINE
