"""An asyncio loop whose time passes only while every task waits, and a clock on it: hours in milliseconds.

Nothing on the loop may wait for the outside world (threads, sockets): in virtual time there is none.
"""

import asyncio
import selectors
from collections.abc import Coroutine
from typing import Any

# Midnight of 2026-01-01: any fixed moment serves, this one reads well in messages.
DEFAULT_START = 1_767_225_600.0


class Deadlock(RuntimeError):
    """Every task waits, and nothing is scheduled that could wake one."""


class _LeapingSelector(selectors.SelectSelector):
    """Instead of waiting `timeout` seconds, lets them have passed."""

    def __init__(self) -> None:
        super().__init__()
        self.passed = 0.0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        if timeout is None:
            raise Deadlock("every task waits for something that nothing is going to do")
        self.passed += max(timeout, 0.0)
        return []


class VirtualTimeLoop(asyncio.SelectorEventLoop):
    """Runs what is ready, then leaps to the next scheduled moment."""

    def __init__(self) -> None:
        self._leaping = _LeapingSelector()
        super().__init__(self._leaping)
        # asyncio runs what is due within one resolution from now. The machine's, 1e-9, is lost in the rounding of a
        # time that has reached some months: a timer would stay a moment ahead of it for ever.
        self._clock_resolution = 1e-6

    def time(self) -> float:
        return self._leaping.passed

    def reach(self, moment: float) -> None:
        """Let it be `moment` at least: a timer is run up to one resolution early."""
        self._leaping.passed = max(self._leaping.passed, moment)


class VirtualClock:
    """The time of the running VirtualTimeLoop, as seconds since the epoch; between two loops it stands still."""

    def __init__(self, start: float = DEFAULT_START) -> None:
        self._start = start

    def now(self) -> float:
        try:
            return self._start + asyncio.get_running_loop().time()
        except RuntimeError:
            return self._start

    async def sleep(self, seconds: float) -> None:
        loop = asyncio.get_running_loop()
        due = loop.time() + seconds
        await asyncio.sleep(seconds)
        if isinstance(loop, VirtualTimeLoop):  # else whoever waits for the last millionth of a second waits for ever
            loop.reach(due)

    def advance(self, seconds: float) -> None:
        """Let time pass while no loop runs."""
        self._start += seconds


def run[T](main: Coroutine[Any, Any, T]) -> T:
    """Run `main` to its end in virtual time and return its result."""
    with asyncio.Runner(loop_factory=VirtualTimeLoop) as runner:
        return runner.run(main)
