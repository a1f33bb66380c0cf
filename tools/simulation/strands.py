"""Strands: code that blocks, run by turns on one thread in virtual time; a process is what dies with all its strands.

A strand gives way where it waits and nowhere else, and goes on when the loop says so: with the same durations, the same
turns are taken. Functions are synchronous and start threads; both become strands here.
"""

import asyncio
from collections.abc import Callable
from typing import Any

from greenlet import getcurrent, greenlet


class Killed(BaseException):
    """The process has ended: what is left of the strand unwinds, and has no effect."""


class Process:
    """Strands that share a fate: alive, frozen between two invocations, or dead."""

    def __init__(self, strands: "Strands", name: str) -> None:
        self.name = name
        self.alive = True
        self.frozen = False
        self.faults: list[Exception] = []
        self.on_death: Callable[[str], None] | None = None
        self._strands = strands
        self._members: dict[Strand, None] = {}
        self._thawing: list[tuple[Waiting, bool]] = []

    def start(self, work: Callable[[], object]) -> "Strand":
        """Begin a strand, at the loop's next turn."""
        strand = Strand(self, work, self._strands.hub)
        self._members[strand] = None
        waiting = Waiting(strand)
        self._strands.loop.call_soon(self._strands.resume, waiting, True)
        return strand

    def freeze(self) -> None:
        """Stop, as Lambda does with an execution environment that has answered."""
        self.frozen = True

    def thaw(self) -> None:
        """Go on with what was due while it was frozen."""
        self.frozen = False
        due, self._thawing = self._thawing, []
        for waiting, woken in due:
            self._strands.loop.call_soon(self._strands.resume, waiting, woken)

    def delay(self, waiting: "Waiting", woken: bool) -> None:
        """Keep a strand's turn until the process is thawed."""
        self._thawing.append((waiting, woken))

    def left(self, strand: "Strand") -> None:
        """Take note of the end of a strand."""
        self._members.pop(strand, None)

    def kill(self, reason: str = "Runtime exited") -> None:
        """End every strand where it stands. A strand of its own that calls it has to raise ``Killed`` then."""
        if self.alive:
            self.alive = False
            if self.on_death is not None:
                self.on_death(reason)
            if getcurrent() is self._strands.hub:
                self._unwind()
            else:
                self._strands.loop.call_soon(self._unwind)

    def _unwind(self) -> None:
        for strand in list(self._members):
            if strand.started and not strand.dead:
                strand.throw(Killed)
        self._members.clear()


class Strand(greenlet):  # type: ignore[misc] # ships no types
    """One thread's worth of code of a process."""

    def __init__(self, process: Process, work: Callable[[], object], hub: greenlet) -> None:
        super().__init__(self._run, hub)
        self.process = process
        self.of: Any = None
        """Whatever its starter wants to find again."""
        self.started = False
        self._work = work
        current = getcurrent()
        if isinstance(current, Strand) and current.process is process:
            self.of = current.of

    def _run(self, *_: object) -> None:
        self.started = True
        try:
            self._work()
        except Killed:
            pass
        except Exception as error:  # a thread that ends so ends alone
            self.process.faults.append(error)
        finally:
            self.process.left(self)


class Waiting:
    """One wait of a strand, which ends once."""

    __slots__ = ("over", "strand", "timer")

    def __init__(self, strand: Strand) -> None:
        self.strand = strand
        self.over = False
        self.timer: asyncio.TimerHandle | None = None


class Strands:
    """Gives strands their turns on a loop; ``hub`` is the greenlet that the loop runs in."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self.loop = loop
        self.hub = getcurrent()

    @staticmethod
    def current() -> Strand | None:
        """Return the strand that is running, ``None`` in the hub."""
        running = getcurrent()
        return running if isinstance(running, Strand) else None

    def pause(self, seconds: float) -> None:
        """Let time pass. Raises ``Killed`` if the process ended meanwhile."""
        self.wait(Waiting(self._running()), seconds)

    def wait(self, waiting: Waiting, seconds: float | None) -> bool:
        """Wait until woken, or for so many seconds; return whether it was woken. Raises ``Killed``."""
        process = waiting.strand.process
        if not process.alive:
            raise Killed
        if seconds is not None:
            waiting.timer = self.loop.call_later(seconds, self.resume, waiting, False)
        woken = bool(self.hub.switch())
        if not process.alive:
            raise Killed
        return woken

    def wake(self, waiting: Waiting) -> None:
        """End a wait, at the loop's next turn; one that is over is left alone."""
        if not waiting.over:
            if waiting.timer is not None:
                waiting.timer.cancel()
            self.loop.call_soon(self.resume, waiting, True)

    def resume(self, waiting: Waiting, woken: bool) -> None:
        """Give a strand its turn."""
        strand = waiting.strand
        if waiting.over or strand.dead or not strand.process.alive:
            return
        if strand.process.frozen:
            strand.process.delay(waiting, woken)
            return
        waiting.over = True
        strand.switch(woken)

    @staticmethod
    def _running() -> Strand:
        running = getcurrent()
        if not isinstance(running, Strand):
            raise TypeError("only strands wait; the loop itself may not")
        return running
