"""Text that cannot act on a terminal, wherever it comes from."""

import re
from typing import Self

from rich.style import Style
from rich.text import Text as RichText

INVISIBLE = re.compile("[\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0]")
"""Characters that count as printable and show nothing: fillers, a joiner, the empty Braille pattern."""


def escaped(text: str) -> str:
    r"""Return a text in which every character that does not show is written as Python writes it: ``\x1b``, ``\n``.

    These are control characters (C0, DEL, C1), line and paragraph separators, bidirectional controls, zero-width
    characters, lone surrogates, unassigned characters, and every space but U+0020.
    """
    if text.isprintable() and not INVISIBLE.search(text):
        return text
    return "".join(map(_shown, text))


def _shown(character: str) -> str:
    if character.isprintable() and not INVISIBLE.match(character):
        return character
    return ascii(character)[1:-1] if not character.isprintable() else f"\\u{ord(character):04x}"


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
