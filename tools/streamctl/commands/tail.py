"""``tail``: the changes of a stream as they come."""

from collections.abc import Iterator
from functools import partial
from itertools import islice
from time import time
from typing import Annotated

import typer
from rich.text import Text

from changestream.core.change import Change, ChangeKind
from streamctl.command import Control, command
from streamctl.exits import Exit
from streamctl.images import differences, key_text, plain
from streamctl.reading.following import Follow, Start
from streamctl.reading.seen import Seen, seen
from streamctl.reading.streams import StreamName, stream_of
from streamctl.sought import Sought, moment, pairs
from streamctl.words import instant

LONGEST_VALUE = 40
"""Of an attribute on the screen; --json has all of it."""

STYLES = {ChangeKind.INSERT: "green", ChangeKind.REMOVE: "yellow", ChangeKind.MODIFY: ""}


@command("tail", example="streamctl tail table --local --kind MODIFY --changed status")
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
    limit: Annotated[int | None, typer.Option(metavar="N", min=1, help="End after so many changes.")] = None,
) -> Exit:
    """Show the changes of a stream as they come, until Ctrl-C.

    Shards are read once a second, beside their other readers, parents before the children of a split. A record that
    nobody can understand is shown as poison. With --json every change is a line.
    """
    sought = Sought(kind or (), key, pairs(where or ()), changed or ())
    start = Start(horizon, moment(since, time()) if since else None)
    following = Follow(ctl.stack, stream_of(ctl.stack, stream), start)
    try:
        for each in islice(_wanted(following, sought, follow=follow), limit):
            ctl.screen.line(each.document(), partial(rendered, each))
    except KeyboardInterrupt:
        return Exit.FINE
    return Exit.FINE


def _wanted(following: Follow, sought: Sought, *, follow: bool) -> Iterator[Seen]:
    for shard_id, records in following.pages(stop_at_tip=not follow):
        for each in seen(following.stream.name, shard_id, records):
            if sought.passes(each):
                yield each


def rendered(each: Seen) -> Text:
    """Return a line: when, what, which item, and what changed of it."""
    if each.change is None:
        return Text.assemble(("poison  ", "red"), each.sequence_number, "  ", (each.poison or "", "red"))
    change = each.change
    line = Text.assemble((instant(change.occurred_at)[11:], "dim"), "  ")
    line.append(f"{change.kind:<6}", STYLES[change.kind]).append(f"  {key_text(change.keys)}  ")
    if change.by_time_to_live:
        line.append("expired  ")
    return line.append_text(what_changed(change))


def what_changed(change: Change) -> Text:
    """Return the attributes that differ, the key's left out: it is told already."""
    shown = Text()
    for each in differences(change.old_image, change.new_image):
        if each.name in change.keys:
            continue
        shown.append(f"{each.name} ", "dim")
        shown.append(" > ".join(short(value) for value in (each.old, each.new) if value is not None) + "  ")
    return shown


def short(value: object) -> str:
    """Return an attribute value that fits on a line."""
    text = plain(value)  # type: ignore[arg-type]
    return text if len(text) <= LONGEST_VALUE else f"{text[: LONGEST_VALUE - 1]}…"
