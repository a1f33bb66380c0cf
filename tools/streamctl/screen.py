"""What a command says: tables for a person, documents for a program."""

import json
import sys
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any

from rich.console import RenderableType

from streamctl.exits import Exit
from terminal.console import Console
from terminal.flow import Flow

WIDTH_WHEN_PIPED = 1_000_000
"""So wide that nothing is wrapped: the reader of a pipe works with lines."""

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
        self.console = Output(width=None if sys.stdout.isatty() else WIDTH_WHEN_PIPED)
        self.beside = Console(stderr=True, width=None if sys.stderr.isatty() else WIDTH_WHEN_PIPED)

    def show(self, document: Document, rendered: Callable[[], RenderableType]) -> None:
        """Write the one document of a command, or what a person sees of it."""
        if self.as_json:
            self._write(json.dumps(document, indent=2, default=str))
        else:
            self.console.print(rendered(), crop=False)  # a whole line is wider than most terminals

    def line(self, document: Document, rendered: Callable[[], RenderableType]) -> None:
        """Write one of many: as one line of JSON, or as a person sees it; it is seen at once."""
        if self.as_json:
            self._write(json.dumps(document, default=str))
        else:
            self.console.print(rendered(), crop=False)
            self.console.file.flush()

    def _write(self, text: str) -> None:
        try:
            print(text, flush=True)
        except BrokenPipeError:
            self.console.on_broken_pipe()

    def note(self, text: str) -> None:
        """Say something beside the output; nothing reads it but a person."""
        if not self.as_json:
            self.beside.print(Flow().prose(text, "dim"), crop=False)
