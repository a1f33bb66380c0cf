"""The options by which parked objects are described."""

from typing import Annotated

from typer import Argument, Option

from changestream.core.failed_batch import ParkReason
from changestream.core.redrive import Standing
from streamctl.parking.objects import FOREIGN

KEYS = Annotated[list[str] | None, Argument(help="The keys of objects, as streamctl parked list has them.")]
FUNCTION = Annotated[
    str | None, Option("--function", metavar="NAME", help="Those of a function: its folder, logical id or name.")
]
DAY = Annotated[str | None, Option("--day", metavar="DAY", help="Those whose records arrived on a day: 2026-11-21.")]
REASON = Annotated[
    ParkReason | None, Option("--reason", metavar="REASON", help=f"Those parked for it: {', '.join(ParkReason)}.")
]
WHY_PARKED = Annotated[
    ParkReason | None, Option("--parked-for", metavar="REASON", help=f"Those parked for it: {', '.join(ParkReason)}.")
]
STANDING = Annotated[
    str | None, Option("--standing", metavar="STANDING", help=f"Those that are {', '.join((*Standing, FOREIGN))}.")
]
