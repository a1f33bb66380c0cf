"""What a command says: tables for a person, documents for a program."""

import json
import sys
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any

from rich.console import Console, RenderableType
from rich.table import Table
from rich.text import Text

from streamctl.exits import Exit

WIDTH_WHEN_PIPED = 2000
"""So wide that nothing is wrapped or cut: whoever reads it has lines to work with."""

Document = Mapping[str, Any]


class Output(Console):
    """Standard output, whose reader may have enough of it at any time: ``| head`` is no failure."""

    def on_broken_pipe(self) -> None:
        """Leave without a word, and with the exit code of what went well."""
        with suppress(SystemExit):
            super().on_broken_pipe()
        raise SystemExit(Exit.FINE)


class Screen:
    """Standard output has what was asked for, standard error whatever is said beside it."""

    def __init__(self, *, as_json: bool) -> None:
        self.as_json = as_json
        self.console = Output(width=None if sys.stdout.isatty() else WIDTH_WHEN_PIPED, highlight=False)
        self.beside = Console(stderr=True, highlight=False, soft_wrap=not sys.stderr.isatty())

    def show(self, document: Document, rendered: Callable[[], RenderableType]) -> None:
        """Write the one document of a command, or what a person sees of it."""
        if self.as_json:
            self._write(json.dumps(document, indent=2, default=str))
        else:
            self.console.print(rendered(), crop=False)  # a whole_key is wider than most terminals

    def line(self, document: Document, rendered: Callable[[], RenderableType]) -> None:
        """Write one of many: as one line of JSON, or as a person sees it; it is seen at once."""
        if self.as_json:
            self._write(json.dumps(document, default=str))
        else:
            self.console.print(rendered(), no_wrap=self.console.is_terminal, overflow="ellipsis", crop=True)
            self.console.file.flush()

    def _write(self, text: str) -> None:
        try:
            print(text, flush=True)
        except BrokenPipeError:
            self.console.on_broken_pipe()

    def note(self, text: str) -> None:
        """Say something beside the output; nothing reads it but a person."""
        if not self.as_json:
            self.beside.print(text, style="dim", markup=False)


def grid(*headings: str, right: frozenset[str] | set[str] = frozenset()) -> Table:
    """Return an empty table as all of ours look; ``right`` names the columns that are aligned to the right."""
    table = Table(box=None, pad_edge=False, header_style="dim", padding=(0, 2, 0, 0))
    for heading in headings:
        table.add_column(heading, justify="right" if heading in right else "left", no_wrap=True)
    return table


def whole_key(key: str) -> Text:
    """Return a key on a line of its own, however long: it is to be copied."""
    return Text(f"  {key}", "dim", no_wrap=True, overflow="ignore")
