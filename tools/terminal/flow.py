"""A line that continues below when the terminal is narrow, without breaking an identifier."""

import re
from collections.abc import Iterator
from typing import Self

from rich.text import Text as RichText

from terminal.lines import Lines
from terminal.text import Text, whole_line

GAP = 2
"""Spaces between two parts of a line."""

WORD = re.compile(r"( *)([^ ]+)")


class Flow(Lines):
    """A line made of parts: whole ones are never broken, phrases only if they do not fit on a line of their own, and
    prose wherever a line ends. What is broken is broken between words.

    What does not fit goes on the next line, ``hanging`` columns in. A part wider than the terminal stays in one piece,
    for the terminal to wrap: it can still be copied.
    """

    def __init__(self, indent: int = 0, hanging: int = 2) -> None:
        self._indent = indent
        self._hanging = hanging
        self._parts: list[tuple[int, RichText, bool]] = []

    def whole(self, text: str | RichText, style: str = "") -> Self:
        """Add a part that is never broken, for example a key or a sequence number."""
        part = text if isinstance(text, RichText) else Text(text, style)
        if part.plain:
            self._parts.append((self._gap(), part, False))
        return self

    def phrase(self, text: RichText) -> Self:
        """Add words that stay together if they fit on a line, for example an attribute and its value."""
        self._parts.append((self._gap(), text, True))
        return self

    def prose(self, text: str | RichText, style: str = "") -> Self:
        """Add words. Spaces between them stay as they are, as long as the words are on one line."""
        self._parts += _words(self._gap(), text if isinstance(text, RichText) else Text(text, style))
        return self

    def lines(self, width: int) -> Iterator[RichText]:
        line, used, is_empty = whole_line(" " * self._indent), self._indent, True
        for gap, part in self._pieces(width - self._hanging):
            length = part.cell_len
            if not is_empty and used + gap + length > width:
                yield line
                used = self._hanging if self._hanging + length <= width else 0
                line, is_empty = whole_line(" " * used), True
            line.append(" " * (0 if is_empty else gap)).append_text(part)
            used, is_empty = used + (0 if is_empty else gap) + length, False
        yield line

    def _gap(self) -> int:
        return GAP if self._parts else 0

    def _pieces(self, width: int) -> Iterator[tuple[int, RichText]]:
        """Give what is not to be broken, each with the spaces before it."""
        for gap, part, is_phrase in self._parts:
            if is_phrase and part.cell_len > width:
                yield from ((space, word) for space, word, _ in _words(gap, part))
            else:
                yield gap, part


def _words(gap: int, text: RichText) -> list[tuple[int, RichText, bool]]:
    found = list(WORD.finditer(text.plain))
    pieces = text.divide([offset for each in found for offset in each.span(2)]) if found else ()
    gaps = [gap, *(len(each[1]) for each in found[1:])]
    return [(space, word, False) for space, word in zip(gaps, pieces[1::2], strict=False)]
