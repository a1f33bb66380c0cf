"""Ctrl-C and SIGTERM, at any moment of the demo: one line, nothing left behind."""

import logging
import os
import signal
import sys
from types import FrameType

from isolation.children import end_children
from isolation.guardian import guardian

_SHOW_CURSOR = "\x1b[?25h\n"
"""The progress display hides it, and leaves it behind its last line."""


def stop_on_signals() -> None:
    """End this process on SIGINT and SIGTERM from now on."""
    for each in (signal.SIGINT, signal.SIGTERM):
        signal.signal(each, _stop)


def _stop(number: int, _frame: FrameType | None) -> None:
    """End the runtime, remove the demo's folder, say so, and leave.

    It leaves without unwinding: writers and readers in other threads would go on against a runtime that is gone, and
    complain. Neither ``print`` nor ``Popen.wait`` is used: the interrupted code may hold their locks.
    """
    for each in (signal.SIGINT, signal.SIGTERM):
        signal.signal(each, signal.SIG_IGN)
    output = sys.__stdout__.fileno() if sys.__stdout__ else 1
    on_terminal = os.isatty(output)
    sys.stdout = sys.stderr = open(os.devnull, "w")  # noqa: SIM115 - for the other threads, until the end
    logging.disable()
    end_children()
    guardian().end()
    line = f"Stopped by {signal.Signals(number).name}: the runtime has ended, and nothing is left behind.\n"
    os.write(output, f"{_SHOW_CURSOR if on_terminal else ''}{line}".encode())
    os._exit(128 + number)
