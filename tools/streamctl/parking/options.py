"""The options by which parked objects are described. A value that fits no object is a usage error."""

from typing import Annotated

from typer import Argument, Option

from streamctl.parking.choosing import REASONS, STANDINGS

KEYS = Annotated[
    list[str] | None, Argument(metavar="KEY|ID…", help="Objects: keys, unambiguous beginnings of keys, or ids.")
]
FUNCTION = Annotated[
    str | None,
    Option("--function", metavar="NAME", help="Those of a function: its folder, logical id, name or ARN."),
]
DAY = Annotated[str | None, Option("--day", metavar="DAY", help="Those whose records arrived on a day: 2026-11-21.")]
REASON = Annotated[str | None, Option("--reason", metavar="REASON", help=f"Those parked for it: {', '.join(REASONS)}.")]
WHY_PARKED = Annotated[
    str | None, Option("--parked-for", metavar="REASON", help=f"Those parked for it: {', '.join(REASONS)}.")
]
STANDING = Annotated[
    str | None, Option("--standing", metavar="STANDING", help=f"Those that are {', '.join(STANDINGS)}.")
]
