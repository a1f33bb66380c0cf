"""What functions take from ``time``, ``threading`` and ``concurrent.futures``, made of strands and virtual time.

One simulation runs at a time in a process, and is found here: module-level names are all that a function knows.
"""

from collections.abc import Callable
from types import TracebackType
from typing import Any, Self

from simulation.strands import Strands, Waiting


class RunningStage:
    """The simulation that runs at the moment."""

    strands: Strands
    now: Callable[[], float]


def time() -> float:
    """Stands for ``time.time``."""
    return RunningStage.now()


def sleep(seconds: float) -> None:
    """Stands for ``time.sleep``."""
    RunningStage.strands.pause(seconds)


class Event:
    """Stands for ``threading.Event``."""

    def __init__(self) -> None:
        self._is_set = False
        self._waiting: list[Waiting] = []

    def is_set(self) -> bool:
        return self._is_set

    def set(self) -> None:
        self._is_set = True
        waiting, self._waiting = self._waiting, []
        for one in waiting:
            RunningStage.strands.wake(one)

    def wait(self, timeout: float | None = None) -> bool:
        if self._is_set:
            return True
        strand = RunningStage.strands.current()
        assert strand is not None  # noqa: S101 - the hub runs no function
        waiting = Waiting(strand)
        self._waiting.append(waiting)
        RunningStage.strands.wait(waiting, timeout)
        return self._is_set


class Lock:
    """Stands for ``threading.Lock``."""

    def __init__(self) -> None:
        self._is_held = False
        self._freed = Event()

    def __enter__(self) -> Self:
        while self._is_held:
            self._freed = Event()
            self._freed.wait()
        self._is_held = True
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._is_held = False
        self._freed.set()


class Thread:
    """Stands for ``threading.Thread``."""

    def __init__(self, target: Callable[[], object], name: str = "thread", daemon: bool = False) -> None:
        self._target = target
        self._ended = Event()
        self.name = name
        self.daemon = daemon

    def start(self) -> None:
        strand = RunningStage.strands.current()
        assert strand is not None  # noqa: S101 - the hub runs no function
        strand.process.start(self._run)

    def join(self, timeout: float | None = None) -> None:
        self._ended.wait(timeout)

    def _run(self) -> None:
        try:
            self._target()
        finally:
            self._ended.set()


class ThreadPoolExecutor:
    """Stands for the one of ``concurrent.futures``: the layer submits no more at once than it has workers."""

    def __init__(self, max_workers: int) -> None:
        self.max_workers = max_workers

    def submit(self, work: Callable[[], Any]) -> None:
        strand = RunningStage.strands.current()
        assert strand is not None  # noqa: S101 - the hub runs no function
        strand.process.start(work)
