"""Following what goes on while the demo plays."""

from abc import ABC, abstractmethod
from threading import Event, Thread
from types import TracebackType
from typing import Self


class Follower(ABC):
    """Catches up every so many seconds, in a thread of its own, as long as the block lasts."""

    def __init__(self, name: str, seconds: float) -> None:
        self._seconds = seconds
        self._closed = Event()
        self._thread = Thread(target=self._follow, name=name, daemon=True)

    @abstractmethod
    def catch_up(self) -> None:
        """Take in what has happened up to now."""

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._closed.set()
        self._thread.join()

    def _follow(self) -> None:
        while not self._closed.wait(self._seconds):
            self.catch_up()
