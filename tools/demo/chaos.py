"""Killing workers while they work, as hosts that fail would."""

import os
import random
import signal
from collections import Counter
from threading import Event, Thread
from time import monotonic
from typing import Any

from demo.chronicle import RECOVERY
from demo.runtime import ServedStack

STARTED_SECONDS = 10.0
"""After which a worker has imported its function, on however busy a machine."""


class Killer:
    """Kills a worker of any function, at random, until so many are dead or it is told to stop."""

    def __init__(self, runtime: ServedStack, kills: int, seed: int) -> None:
        self._runtime = runtime
        self._wanted = kills
        self._draw = random.Random(seed)  # noqa: S311 - a repeatable choice, nothing secret
        self._stopped = Event()
        self._first_seen: dict[int, float] = {}
        self.killed: list[str] = []
        self._thread = Thread(target=self._run, name="killer", daemon=True)
        self._thread.start()

    def __str__(self) -> str:
        counts = Counter(name.split("-")[1] if name.count("-") > 1 else name for name in self.killed)
        return ", ".join(f"{count} workers of {name}" for name, count in counts.most_common())

    def done(self) -> bool:
        """Tell whether as many workers are dead as were wanted."""
        return len(self.killed) >= self._wanted

    def stop(self) -> None:
        """Kill no more."""
        self._stopped.set()
        self._thread.join()

    def _is_fair_game(self, worker: dict[str, Any]) -> bool:
        """Spare recovery while it starts: it has no lease yet, and its message would stay hidden for half an hour."""
        age = monotonic() - self._first_seen.setdefault(worker["pid"], monotonic())
        return RECOVERY not in worker["functionName"] or age > STARTED_SECONDS

    def _run(self) -> None:
        while not self.done() and not self._stopped.wait(self._draw.uniform(0.2, 1.2)):
            workers = [worker for worker in self._runtime.status()["workers"] if self._is_fair_game(worker)]
            busy = [worker for worker in workers if worker["busy"]]
            if not (chosen := busy or workers):
                continue
            worker = self._draw.choice(chosen)
            try:
                os.kill(worker["pid"], signal.SIGKILL)
            except ProcessLookupError:
                continue
            self.killed.append(worker["functionName"])
