"""``tail``: the changes of a stream as they come."""

from collections.abc import Iterator
from functools import partial
from itertools import islice
from math import isfinite
from time import time
from typing import Annotated

import typer

from changestream.core.change import ChangeKind
from streamctl.change_line import change_line
from streamctl.command import Control, command
from streamctl.exits import Exit, Trouble
from streamctl.reading.following import READS_PER_SECOND, Follow, Start
from streamctl.reading.seen import Seen, seen
from streamctl.reading.streams import StreamName, stream_of
from streamctl.sought import Sought, moment, pairs


@command("tail", example="streamctl tail table --local --kind MODIFY --changed status", of_application=True)
def tail(
    ctl: Control,
    stream: Annotated[StreamName, typer.Argument(help="Which stream.")] = StreamName.TABLE,
    kind: Annotated[list[ChangeKind] | None, typer.Option(help="Only changes of this kind; may be repeated.")] = None,
    key: Annotated[
        str, typer.Option(metavar="KEY", help="Only this item: LIST/TASK or a part of it; * and ? work.")
    ] = "",
    where: Annotated[
        list[str] | None, typer.Option(metavar="NAME=VALUE", help="Only items with this attribute; may be repeated.")
    ] = None,
    changed: Annotated[
        list[str] | None, typer.Option(metavar="NAME", help="Only if this attribute differs; may be repeated.")
    ] = None,
    since: Annotated[
        str, typer.Option(metavar="TIME", help="Begin at a time: 10m (ago), or ISO. Now, if not given.")
    ] = "",
    horizon: Annotated[bool, typer.Option("--horizon", help="Begin at the oldest record that the stream has.")] = False,
    follow: Annotated[bool, typer.Option("--follow/--no-follow", help="Go on when all that is there is read.")] = True,
    rate: Annotated[
        float,
        typer.Option("--rate", metavar="N", help="Reads of each shard a second; more than 1 of a local endpoint only."),
    ] = READS_PER_SECOND,
    numbers: Annotated[bool, typer.Option("--numbers", help="Begin each line with the sequence number.")] = False,
    limit: Annotated[int | None, typer.Option(metavar="N", min=1, help="End after so many changes.")] = None,
) -> Exit:
    """Show the changes of a stream as they come, until Ctrl-C.

    Each shard is read once a second, which leaves the consumers their share of it, and parents are read before the
    children of a split. A record that cannot be decoded is shown as poison.
    A record of another table or producer is left out, as the consumers skip it. Times are in UTC; those of another
    day have their date. With --json every change is a line.
    """
    _require_share(rate, ctl.stack.target.endpoint)
    sought = Sought(kind or (), key, pairs(where or ()), changed or ())
    start = Start(horizon, moment(since, time()) if since else None)
    following = Follow(ctl.stack, stream_of(ctl.stack, stream), start, rate)
    try:
        for each in islice(_wanted(following, sought, follow=follow), limit):
            ctl.screen.line(each.document(), partial(change_line, each, time(), numbers=numbers))
    except KeyboardInterrupt:
        return Exit.FINE
    return Exit.FINE


def _require_share(rate: float, endpoint: str | None) -> None:
    """Raise ``Trouble`` for a rate that is none, or that takes reads from the consumers of a stream of AWS."""
    if not isfinite(rate) or rate <= 0:
        raise Trouble(Exit.USAGE, f"--rate {rate}: a number of reads a second is expected", "For example --rate 1.")
    if rate > READS_PER_SECOND and endpoint is None:
        raise Trouble(
            Exit.USAGE,
            f"--rate {rate:g}: more than {READS_PER_SECOND:g} read a second of each shard is for local endpoints",
            "The consumers need the others: all readers of a shard have five reads a second together.",
        )


def _wanted(following: Follow, sought: Sought, *, follow: bool) -> Iterator[Seen]:
    table = following.stack.output("TasksTableName")
    for shard_id, records in following.pages(stop_at_tip=not follow):
        for each in seen(StreamName(following.stream.name), shard_id, records, table):
            if sought.passes(each):
                yield each
