"""What a process that has ended left behind on this machine: processes and folders."""

import os
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

PATIENCE_SECONDS = 180


def eventually(condition: Callable[[], object], what: str) -> None:
    """Wait until a condition holds."""
    ends = time.monotonic() + PATIENCE_SECONDS
    while not condition():
        assert time.monotonic() < ends, f"waited in vain for {what}"
        time.sleep(0.02)


def descendants(pid: int) -> set[int]:
    """Return the children of a process, and theirs."""
    found: set[int] = set()
    for task in Path(f"/proc/{pid}/task").glob("*"):
        with suppress(OSError):
            for child in map(int, (task / "children").read_text().split()):
                found |= {child} | descendants(child)
    return found


def using(folder: Path) -> set[int]:
    """Return the processes whose command line or environment names a folder."""
    name = os.fsencode(folder)
    found = set()
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            told = (process / "cmdline").read_bytes() + (process / "environ").read_bytes()
            if name in told and int(process.name) != os.getpid():
                found.add(int(process.name))
    return found


def is_running(pid: int) -> bool:
    """Return whether a process is there, and not just waiting to be collected by its parent."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def await_nothing_left(folder: Path, processes: set[int]) -> None:
    """Wait until the processes are gone, no other uses the folder, and the folder is empty."""
    eventually(lambda: not any(map(is_running, processes)), f"the end of {processes}")
    eventually(lambda: not any(map(is_running, using(folder))), f"the end of what uses {folder}")
    eventually(lambda: not list(folder.iterdir()), f"{folder} to be empty")
