"""A line that continues below when the terminal is narrow, without breaking an identifier."""

import re
from collections.abc import Iterator
from typing import Self

from rich.console import Console, ConsoleOptions, RenderResult
from rich.text import Text as RichText

from terminal.text import Text, whole_line

GAP = 2
"""Spaces between two parts of a line."""

WORD = re.compile(r"( *)([^ ]+)")


class Flow:
    """A line made of parts: whole ones, which are never broken, and prose, which is broken between words.

    What does not fit goes on the next line, ``hanging`` columns in. A part wider than the terminal stays in one piece,
    for the terminal to wrap: it can still be copied.
    """

    def __init__(self, indent: int = 0, hanging: int = 2) -> None:
        self._indent = indent
        self._hanging = hanging
        self._parts: list[tuple[int, RichText]] = []

    def whole(self, text: str | RichText, style: str = "") -> Self:
        """Add a part that is never broken, for example a key or a sequence number."""
        part = text if isinstance(text, RichText) else Text(text, style)
        if part.plain:
            self._parts.append((GAP if self._parts else 0, part))
        return self

    def prose(self, text: str | RichText, style: str = "") -> Self:
        """Add words. Spaces between them stay as they are, as long as the words are on one line."""
        words = text if isinstance(text, RichText) else Text(text, style)
        first = GAP if self._parts else 0
        for number, found in enumerate(WORD.finditer(words.plain)):
            gap = len(found[1]) if number else first
            self._parts.append((gap, words[found.start(2) : found.end(2)]))
        return self

    def __rich_console__(self, _: Console, options: ConsoleOptions) -> RenderResult:
        yield from self.lines(options.max_width)

    def lines(self, width: int) -> Iterator[Text]:
        """Give the lines for a terminal of a width."""
        line, is_empty = whole_line(" " * self._indent), True
        for gap, part in self._parts:
            if not is_empty and line.cell_len + gap + part.cell_len > width:
                yield line
                hanging = self._hanging if self._hanging + part.cell_len <= width else 0
                line, is_empty = whole_line(" " * hanging), True
            line.append(" " * (0 if is_empty else gap))
            line.append_text(part)
            is_empty = False
        yield line
