"""How much memory a process has had at most."""

import time
from contextlib import suppress
from pathlib import Path

# How long a reading stands: to take one costs more than a small invocation does.
_STANDS_SECONDS = 0.1


class MemoryPeak:
    """The peak of resident memory; after the end of the process, and where there is no /proc, the last one read."""

    def __init__(self, pid: int) -> None:
        self._status = Path(f"/proc/{pid}/status")
        self._most_mb = 0
        self._read_at = 0.0

    def most_mb(self) -> int:
        """In MB, rounded up."""
        if time.monotonic() - self._read_at < _STANDS_SECONDS:
            return self._most_mb
        self._read_at = time.monotonic()
        with suppress(OSError):
            _, found, after = self._status.read_bytes().partition(b"VmHWM:")
            if found:
                self._most_mb = -(-int(after.split(maxsplit=1)[0]) // 1024)
        return self._most_mb
