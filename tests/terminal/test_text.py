"""No text acts on a terminal, whatever it is and whatever prints it."""

import io

import pytest
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text as RichText
from rich.tree import Tree

from terminal.console import Console
from terminal.escaping import escaped
from terminal.flow import Flow
from terminal.grid import Grid, grid
from terminal.progress import label
from terminal.text import Text, whole_line

HOSTILE = [
    "[/etc/hosts]", "[field]", "[bold red]x[/]", ":smile:", "\x1b[2J", "\x9b2J", "\x1b]0;title\x07", "a\rb",
    "a\nb", "a\tb", "\x00", "\x7f", "\u202edrow", "\u2066x\u2069", "\u200b", "\u2028", "\u2029", "\ufeff", "\ud800",
    "\U000e0041", "\u115f", "\u3164", "\u2800", "\u00a0", "\u3000",
]  # fmt: skip


def printed(renderable: RenderableType, width: int = 200) -> str:
    file = io.StringIO()
    Console(file=file, width=width, force_terminal=True, color_system=None, legacy_windows=False).print(renderable)
    return file.getvalue()


def in_a_rich_table(text: str) -> Table:
    table = Table("heading", text)
    table.add_row(text, RichText(text))
    return table


def in_a_grid(text: str) -> Grid:
    table = grid(text, text)
    table.add_row(text, Text(text))
    return table


@pytest.mark.parametrize("text", HOSTILE)
@pytest.mark.parametrize(
    "made",
    [
        str,
        Text,
        RichText,
        whole_line,
        lambda text: Text.assemble((text, "bold"), text),
        lambda text: Text().append(text),
        lambda text: Flow().whole(text).prose(text).phrase(Text(text)),
        in_a_grid,
        in_a_rich_table,
        Tree,
        lambda text: Group(text, label(text).renderable),
    ],
)
def test_nothing_that_is_printed_acts_on_the_terminal(made: object, text: str) -> None:
    out = printed(made(text))  # type: ignore[operator]

    assert all(each.isprintable() or each == "\n" for each in out)
    out.encode()


@pytest.mark.parametrize(
    "text", ["[/etc/hosts]", "[field]", "[bold red]x[/]", ":smile:", "plain", "größer", "日本", "\\x1b"]
)
def test_what_can_be_seen_is_printed_as_it_is(text: str) -> None:
    assert escaped(text) == text
    assert printed(text) == printed(Text(text)) == f"{text}\n"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b[2J", "\\x1b[2J"),
        ("\x9b", "\\x9b"),
        ("a\r\nb\tc", "a\\r\\nb\\tc"),
        ("\u202e", "\\u202e"),
        ("\ud800", "\\ud800"),
    ],
)
def test_what_cannot_be_seen_is_written_as_an_escape(text: str, shown: str) -> None:
    assert escaped(text) == shown
    assert printed(Flow().whole(text)) == f"{shown}\n"


def test_escaping_leaves_only_what_can_be_seen_and_does_it_once() -> None:
    every = "".join(map(chr, [*range(0x3400), *range(0xD7B0, 0x10300), *range(0xE0000, 0xE0200)]))

    assert escaped(every).isprintable()
    assert escaped(escaped(every)) == escaped(every)
