"""What must not outlive this process: process groups and folders, entrusted to one guardian process.

Announce a folder before you make it and a process before it does anything: then no moment is left at which SIGKILL
could leave either behind.
"""

import os
import signal
import sys
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from threading import Lock

_PROCESS = Path(__file__).with_name("guardian_process.py")
_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
_ANNOUNCE = r"""printf "+g %d\n" "$$" >&0 && exec "$@" </dev/null"""
_lock = Lock()
_guardian: "Guardian | None" = None


class Guardian:
    """The other end of the pipe. Any thread may use it."""

    def __init__(self) -> None:
        read, self.pipe = os.pipe()
        quiet = [(os.POSIX_SPAWN_OPEN, number, os.devnull, os.O_WRONLY, 0) for number in (1, 2)]
        self._pid = os.posix_spawn(
            sys.executable,
            [sys.executable, "-I", "-S", str(_PROCESS)],
            {},
            file_actions=[(os.POSIX_SPAWN_DUP2, read, 0), *quiet],
            setsigmask=_SIGNALS,
        )
        os.close(read)

    def watch_folder(self, folder: Path) -> None:
        """Have a folder removed when this process ends."""
        os.write(self.pipe, b"+f %b\n" % os.fsencode(folder))

    def forget_folder(self, folder: Path) -> None:
        """Leave the folder alone: it is removed, or stays for good."""
        self._forget(b"-f %b\n" % os.fsencode(folder))

    def watch_group(self, pid: int) -> None:
        """Have a process group killed when this process ends."""
        os.write(self.pipe, b"+g %d\n" % pid)

    def forget_group(self, pid: int) -> None:
        """The group has ended."""
        self._forget(b"-g %d\n" % pid)

    def end(self) -> None:
        """Have everything cleaned up now, and wait for that. The last thing that a process does."""
        os.close(self.pipe)
        os.waitpid(self._pid, 0)

    def _forget(self, line: bytes) -> None:
        with suppress(BrokenPipeError):  # a guardian that was killed remembers nothing
            os.write(self.pipe, line)


def announcing(command: Sequence[str]) -> list[str]:
    """Return a command whose process entrusts its own group to the guardian before it becomes `command`.

    Its standard input must be `guardian().pipe`; the process must lead a session of its own.
    """
    return ["/bin/sh", "-c", _ANNOUNCE, "sh", *command]


def guardian() -> Guardian:
    """Return this process's guardian; the first call starts it."""
    global _guardian
    with _lock:
        if _guardian is None:
            _guardian = Guardian()
        return _guardian
