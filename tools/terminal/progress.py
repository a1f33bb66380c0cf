"""The label of a progress bar."""

from rich.progress import RenderableColumn

from terminal.text import Text


def label(text: str) -> RenderableColumn:
    """Return a column with a text that stays the same; rich's own ``TextColumn`` reads markup."""
    return RenderableColumn(Text(text))
