"""Child processes that cannot outlive this process, each in a process group of its own."""

import os
import signal
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from typing import Any

from isolation.guardian import guardian

PATIENCE_SECONDS = 15.0
"""After SIGTERM, before SIGKILL."""

_PAUSE_SECONDS = 0.02
_running: set[int] = set()


@contextmanager
def child(command: Sequence[str], env: Mapping[str, str], **options: Any) -> "Iterator[subprocess.Popen[str]]":
    """Run a command until the block ends; then it gets SIGTERM, and SIGKILL if it does not end.

    Ctrl-C in the terminal does not reach it. Further ``options`` are those of ``subprocess.Popen``.
    """
    watching = guardian()

    def announce() -> None:
        watching.watch_group(os.getpid())

    process = subprocess.Popen(command, env=env, text=True, start_new_session=True, preexec_fn=announce, **options)
    _running.add(process.pid)
    try:
        with process:
            try:
                yield process
            finally:
                _end(process)
    finally:
        _running.discard(process.pid)
        watching.forget_group(process.pid)


def end_children() -> None:
    """End all children. Safe in a signal handler: it takes no lock that the interrupted code could hold."""
    for pid in _running:
        _signal(pid, signal.SIGTERM)
    ends = time.monotonic() + PATIENCE_SECONDS
    while any(not _has_ended(pid) for pid in _running) and time.monotonic() < ends:
        time.sleep(_PAUSE_SECONDS)


def _end(process: "subprocess.Popen[str]") -> None:
    process.terminate()
    try:
        process.wait(PATIENCE_SECONDS)
    except subprocess.TimeoutExpired:
        _signal(process.pid, signal.SIGKILL)


def _signal(pid: int, number: int) -> None:
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, number)


def _has_ended(pid: int) -> bool:
    try:
        return os.waitpid(pid, os.WNOHANG) != (0, 0)
    except ChildProcessError:
        return True
