"""A change in one line."""

from rich.text import Text

from changestream.core.change import AttributeValue, Change, ChangeKind
from streamctl.images import differences, key_text, plain
from streamctl.reading.seen import Seen
from streamctl.words import instant

LONGEST_VALUE = 40
"""Of an attribute on the screen; --json has all of it."""

STYLES = {ChangeKind.INSERT: "green", ChangeKind.REMOVE: "yellow", ChangeKind.MODIFY: ""}


def change_line(each: Seen, *, numbers: bool = False) -> Text:
    """Return a line: when, what, which item, and what changed of it."""
    line = Text(f"{each.sequence_number}  " if numbers or each.change is None else "", "dim")
    if each.change is None:
        return line.append(f"poison  {each.poison}", "red")
    change = each.change
    line.append("?" if change.time is None else instant(change.time)[11:], "dim").append("  ")
    line.append(f"{change.kind:<6}", STYLES[change.kind]).append(f"  {key_text(change.keys)}  ")
    if change.by_time_to_live:
        line.append("expired  ")
    return line.append_text(what_changed(change))


def what_changed(change: Change) -> Text:
    """Return the attributes that differ, the key's left out: it is told already."""
    shown = Text()
    differing = [each for each in differences(change.old_image, change.new_image) if each.name not in change.keys]
    if change.old_image is None or change.new_image is None:
        differing.sort(key=lambda each: len(plain(each.new or each.old)))  # a line may be cut: what is short, first
    for each in differing:
        shown.append(f"{each.name} ", "dim")
        shown.append(" > ".join(short(value) for value in (each.old, each.new) if value is not None) + "  ")
    return shown


def short(value: AttributeValue) -> str:
    """Return an attribute value that fits on a line."""
    text = plain(value)
    return text if len(text) <= LONGEST_VALUE else f"{text[: LONGEST_VALUE - 1]}…"
