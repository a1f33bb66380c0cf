"""What lays itself out in lines for the terminal's width."""

from abc import ABC, abstractmethod
from collections.abc import Iterable

from rich.console import Console, ConsoleOptions, RenderResult
from rich.text import Text as RichText

type Line = RichText
"""A line as it is laid out."""


class Lines(ABC):
    """Something to print, line by line; no line is cut."""

    @abstractmethod
    def lines(self, width: int) -> Iterable[Line]:
        """Give the lines for a terminal of a width."""

    def __rich_console__(self, _: Console, options: ConsoleOptions) -> RenderResult:
        yield from self.lines(options.max_width)
