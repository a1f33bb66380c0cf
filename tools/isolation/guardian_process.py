"""The guardian: ends processes and removes folders once the process that asked for it is gone, however it ended.

Started by path. It reads lines from a pipe that the other process holds open: ``+g PID`` and ``-g PID`` for a process
group, ``+f PATH`` and ``-f PATH`` for a folder. The pipe ends with that process, by SIGKILL too, on every Unix.
"""

import os
import shutil
import signal
import sys
import time
from contextlib import suppress

ATTEMPTS, PAUSE_SECONDS = 100, 0.05
"""Of removing a folder: a process that has just been killed may still write into it."""


def main() -> None:
    """Read until the pipe ends, then clean up what is left on the list."""
    os.setsid()  # Ctrl-C in the terminal is for the other process
    os.closerange(3, 256)
    left: dict[tuple[bytes, bytes], None] = {}
    for line in sys.stdin.buffer:
        sign, kind, what = line[:1], line[1:2], line[3:].rstrip(b"\n")
        if sign == b"+":
            left[kind, what] = None
        else:
            left.pop((kind, what), None)
    for group in (what for kind, what in left if kind == b"g"):
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(int(group), signal.SIGKILL)
    for folder in (what for kind, what in left if kind == b"f"):
        _remove(folder)


def _remove(folder: bytes) -> None:
    for _ in range(ATTEMPTS):
        shutil.rmtree(folder, ignore_errors=True)
        if not os.path.exists(folder):
            return
        time.sleep(PAUSE_SECONDS)


if __name__ == "__main__":
    main()
