"""Text that cannot act on a terminal, wherever it comes from."""

from typing import Self

from rich.style import Style
from rich.text import Text as RichText

from terminal.escaping import escaped


class Text(RichText):
    """A styled text whose characters are escaped when it is made or appended to. It is never read as markup."""

    def __init__(
        self,
        text: str = "",
        style: str | Style = "",
        *,
        no_wrap: bool | None = None,
        end: str = "\n",
        **options: object,
    ) -> None:
        super().__init__(escaped(text), style, no_wrap=no_wrap, end=end, **options)  # type: ignore[arg-type]

    def append(self, text: RichText | str, style: str | Style | None = None) -> Self:
        """Add text; a ``str`` is escaped."""
        super().append(escaped(text) if isinstance(text, str) else text, style)
        return self


def whole_line(text: str | RichText, style: str = "") -> Text:
    """Return a line that is neither cut nor wrapped, however long: it is to be copied."""
    line = Text("", no_wrap=True)
    line.overflow = "ignore"
    line.append_text(text if isinstance(text, RichText) else Text(text, style))
    return line
