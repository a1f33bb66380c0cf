"""Standard output and standard error of this process: what they can take, and what happens when they cannot."""

import codecs
import io
import os
import sys
from collections.abc import Iterable
from contextlib import suppress

from streamctl.exits import Exit, Trouble
from terminal.escaping import escaped

ELLIPSIS = "…"


def prepare_output() -> None:
    """Have both streams take any text, whatever their encoding, and put something in place of a closed one.

    A character that the terminal has not is written as its escape, ``\\xe9``; an ellipsis as ``~``, which is as wide.
    """
    codecs.register_error("streamctl", _escaped)
    if sys.stderr is None:
        sys.stderr = open(os.devnull, "w")  # noqa: SIM115 - open until the process ends
    for each in (sys.stdout, sys.stderr):
        if isinstance(each, io.TextIOWrapper):
            each.reconfigure(errors="streamctl")


def require_output() -> None:
    """Raise ``Trouble`` if standard output is closed, as with ``>&-``."""
    if sys.stdout is None:
        raise Trouble(Exit.OUTPUT, "standard output is closed")


def printable_lines(lines: Iterable[str]) -> str:
    """Return the lines as one text in which a terminal finds nothing to act upon."""
    return "\n".join(map(escaped, lines))


def flush_output() -> None:
    """Write what is buffered. Raises ``OSError`` if it cannot be written."""
    if sys.stdout is not None:
        sys.stdout.flush()


def abandon_output() -> None:
    """Drop what could not be written: the interpreter would try, and complain, once more at its end."""
    with suppress(OSError, ValueError, AttributeError):  # no file behind it, as in a test
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _escaped(error: UnicodeError) -> tuple[str | bytes, int]:
    if isinstance(error, UnicodeEncodeError) and error.object[error.start] == ELLIPSIS:
        return "~", error.start + 1
    return codecs.backslashreplace_errors(error)
