"""What whoever runs the endpoint sees: its outputs as a table, the log lines of functions under their names."""

from __future__ import annotations

import threading
import zlib

from terminal.console import Console
from terminal.escaping import escaped
from terminal.text import Text

_COLOURS = ("cyan", "magenta", "green", "yellow", "blue", "bright_red", "bright_cyan", "bright_magenta")


class RuntimeConsole:
    """Prints whole lines, whichever thread they come from; coloured only on a terminal."""

    def __init__(self) -> None:
        self._console = Console(soft_wrap=True)
        self._lock = threading.Lock()
        self._prefixes: dict[str, str] = {}

    def outputs(self, stack_name: str, outputs: dict[str, str]) -> None:
        width = max((len(name) for name in outputs), default=0)
        with self._lock:
            self._console.print(Text(f"Stack {stack_name}", style="bold"))
            for name, value in sorted(outputs.items()):
                self._console.print(Text.assemble("  ", (name.ljust(width + 2), "cyan"), value))

    def log(self, function_name: str, request_id: str | None, line: str) -> None:
        """One line of a function's log; written past the console's own rendering, which takes ten times as long."""
        del request_id
        if function_name not in self._prefixes:
            self._prefixes[function_name] = self._prefix(function_name)
        with self._lock:
            self._console.file.write(f"{self._prefixes[function_name]}{escaped(line)}\n")
            self._console.file.flush()

    def say(self, line: str) -> None:
        with self._lock:
            self._console.print(Text(line))
            self._console.file.flush()

    def _prefix(self, function_name: str) -> str:
        colour = _COLOURS[zlib.crc32(function_name.encode()) % len(_COLOURS)]
        with self._console.capture() as capture:
            self._console.print(Text(f"{function_name} | ", style=colour), end="")
        return capture.get()
