"""A change in one line, which goes on below where the terminal is narrow."""

from base64 import b64decode
from collections.abc import Iterator

from changestream.core.change import AttributeValue, Change, ChangeKind
from streamctl.images import differences, key_text, plain
from streamctl.reading.seen import SKIPPED, Seen
from streamctl.words import clock_time
from terminal.flow import Flow
from terminal.text import Text

LONGEST_VALUE = 40
"""Of an attribute on the screen; --json has all of it."""

LONGEST_CONTENT = 120
"""Characters of a record's data on the screen."""

STYLES = {ChangeKind.INSERT: "green", ChangeKind.REMOVE: "yellow", ChangeKind.MODIFY: ""}


def change_line(each: Seen, now: float, *, numbers: bool = False, indent: int = 0) -> Flow:
    """Return a line: when, what, which item, and what changed of it. ``now`` is in epoch seconds.

    Time, sequence number and key are never broken.
    """
    line = Flow(indent, indent + 2)
    if numbers or each.change is None:
        line.whole(each.sequence_number, "dim")
    if each.foreign:
        return line.whole("foreign", "dim").prose(SKIPPED, "dim")
    if each.content is not None:
        return line.whole(each.content.partition_key).prose(beginning(each.content.data))
    if each.change is None:
        return line.whole("poison", "red").prose(str(each.poison), "red")
    change = each.change
    line.whole("?" if change.time is None else clock_time(change.time, now), "dim")
    line.whole(f"{change.kind:<6}", STYLES[change.kind]).whole(key_text(change.keys))
    if change.by_time_to_live:
        line.whole("expired")
    for name, values in what_changed(change):
        line.phrase(Text.assemble((name, "dim"), " ", values))
    return line


def what_changed(change: Change) -> Iterator[tuple[str, str]]:
    """Give each attribute that differs with its values, without those of the key, which is in the line already."""
    differing = [each for each in differences(change.old_image, change.new_image) if each.name not in change.keys]
    if change.old_image is None or change.new_image is None:
        differing.sort(key=lambda each: len(plain(each.new or each.old)))  # the short ones first: they tell most
    for each in differing:
        yield each.name, " > ".join(short(value) for value in (each.old, each.new) if value is not None)


def short(value: AttributeValue) -> str:
    """Return an attribute value that fits on a line."""
    text = plain(value)
    return text if len(text) <= LONGEST_VALUE else f"{text[: LONGEST_VALUE - 1]}…"


def beginning(data: str) -> str:
    """Return the beginning of a record's data, which is in base64, as text. Bytes that are not UTF-8 are escaped."""
    head = b64decode(data[: 4 * LONGEST_CONTENT])
    text = head.decode(errors="backslashreplace")
    whole = len(text) <= LONGEST_CONTENT and len(data) <= 4 * LONGEST_CONTENT
    return text if whole else f"{text[: LONGEST_CONTENT - 1]}…"
