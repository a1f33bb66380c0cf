"""What a process prints, read on an event loop as it comes."""

import asyncio
import os
from collections.abc import Callable
from contextlib import suppress

_CHUNK = 65536


class OutputPipe:
    """`take` is given what is read; to be used on one event loop."""

    def __init__(self, take: Callable[[bytes], None]) -> None:
        self._take = take
        self._end = -1

    def open(self) -> int:
        """Return the end that the process writes to, which is the caller's to close."""
        self._end, written = os.pipe()
        os.set_blocking(self._end, False)
        asyncio.get_running_loop().add_reader(self._end, self.read)
        return written

    def read(self) -> None:
        """Take all that has been written so far."""
        with suppress(BlockingIOError):
            while self._end >= 0 and (output := os.read(self._end, _CHUNK)):
                self._take(output)
            self.close()

    def close(self) -> None:
        if self._end >= 0:
            asyncio.get_running_loop().remove_reader(self._end)
            os.close(self._end)
            self._end = -1
