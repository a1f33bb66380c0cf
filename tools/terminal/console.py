"""The console that every screen prints to."""

from collections.abc import Iterable
from typing import Any

from rich.console import Console as RichConsole
from rich.console import ConsoleOptions, RenderableType
from rich.segment import Segment
from rich.text import Text as RichText

from terminal.escaping import escaped
from terminal.text import Text


class Console(RichConsole):
    """A console that reads no markup and sends no control character but its own, whatever it is given to print."""

    def __init__(self, **options: Any) -> None:
        super().__init__(markup=False, emoji=False, highlight=False, **options)

    def render_str(self, text: str, *, style: Any = "", **_: Any) -> RichText:
        """Return a plain string as text: rich would look for markup in it."""
        return Text(text, style)

    def render(self, renderable: RenderableType, options: ConsoleOptions | None = None) -> Iterable[Segment]:
        """Escape what a renderable lets through. Screens escape before they lay out; this is the last line."""
        for segment in super().render(renderable, options):
            if segment.control or segment.text.isprintable() or segment.text == "\n":
                yield segment
            else:
                yield Segment("\n".join(map(escaped, segment.text.split("\n"))), segment.style)
