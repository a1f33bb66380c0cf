"""Time as the engine sees it: always handed in, so that hours of retries pass in a moment under test."""

import asyncio
import time
from typing import Protocol


class Clock(Protocol):
    def now(self) -> float:
        """Seconds since the epoch."""
        ...

    async def sleep(self, seconds: float) -> None:
        """Return once `seconds` have passed on this clock."""
        ...


class SystemClock:
    """The machine's own clock."""

    def now(self) -> float:
        return time.time()

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)


async def wait_until(clock: Clock, event: asyncio.Event, deadline: float) -> None:
    """Return when `event` is set or the clock reaches `deadline`, whichever comes first."""
    remaining = deadline - clock.now()
    if remaining <= 0 or event.is_set():
        return
    waiting = [asyncio.ensure_future(event.wait()), asyncio.ensure_future(clock.sleep(remaining))]
    try:
        await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in waiting:
            task.cancel()
        await asyncio.gather(*waiting, return_exceptions=True)
